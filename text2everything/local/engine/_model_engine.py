"""`ModelEngine`: a language model writes the SQL, which is checked before it is an answer."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from text2everything.local.engine._chat_completions import DEFAULT_URL, ChatCompletions, ModelError, require_openai
from text2everything.local.engine._model_reply import ModelReply, QueryError, one_line, parse_reply
from text2everything.local.engine._prompt import MIN_CHARS, Prompt, make_prompt, repair_messages
from text2everything.local.engine._protocol import Draft, Example
from text2everything.local.engine._query_check import (
    KnownTable,
    canonical_query,
    check_dialect,
    check_query,
    known_tables,
)
from text2everything.local.engine._rule_engine import RuleEngine
from text2everything.local.engine._similarity import same_question

MAX_REPAIRS: Final = 2
"""How often the model is told what is wrong with its answer, and asked again."""
KEY_VARIABLES: Final = ("T2E_LLM_API_KEY", "OPENAI_API_KEY")
"""The environment variables that may have the key."""
_MAX_PROBLEM: Final = 1_000
_MAX_IDS: Final = 5


@attrs.frozen
class _Answer:
    """SQL that passed all checks."""

    reply: ModelReply
    prompt: Prompt
    schema_id: str | None
    was_tried: bool
    problems: tuple[str, ...]


class ModelEngine:
    """Turns questions into SQL with a language model behind a chat completions API, such as OpenAI's or Ollama's.

    A question that has a known answer, which is a golden example or an earlier answer rated good for the same
    question, gets that one. For all others the model is given the question with schema metadata, contexts, golden
    examples and ratings, never rows of tables. It must answer with one query that only reads, of tables and columns
    in the schema metadata, other than SQL that was rated bad for the question, and that the database accepts. If it
    does not, it is told why and asked again, twice at most. Without an answer of the model, `RuleEngine` answers.

    It does not raise: the explanation of a draft says how the answer was found, or why there is none.

    Args:
        model: The name of the model.
        base_url: The URL that `/chat/completions` is added to, such as `http://localhost:11434/v1`. By default the
            environment variable `OPENAI_BASE_URL`, or else OpenAI's.
        api_key: The key of the service. By default the environment variable `T2E_LLM_API_KEY`, or else
            `OPENAI_API_KEY`; if neither is set, none is sent, for services that need none.
        timeout: Seconds that a question waits for the model, all its requests together; by default 60.
        max_prompt_chars: Characters of the prompt at most, from 4,000; by default 24,000, about 6,000 tokens. What is
            most relevant to the question is kept. Being asked again adds up to 6,000 each time.

    Raises:
        ValueError: An argument is invalid, or OpenAI's own URL has no key; the message names the argument.
        ImportError: The package `openai` is not installed.

    Example:
        >>> engine = ModelEngine("qwen2.5-coder", base_url="http://localhost:11434/v1")
        >>> service = LocalService(demo=True, engine=engine)
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float = 60.0,
        max_prompt_chars: int = 24_000,
    ) -> None:
        if not isinstance(model, str) or not model.strip() or not model.isprintable():
            raise ValueError(f"model must be the name of a model, got {model!r}")
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout < float("inf"):
            raise ValueError(f"timeout must be a number of seconds above 0, got {timeout!r}")
        if (
            isinstance(max_prompt_chars, bool)
            or not isinstance(max_prompt_chars, int)
            or max_prompt_chars < MIN_CHARS
        ):
            raise ValueError(f"max_prompt_chars must be a number from {MIN_CHARS}, got {max_prompt_chars!r}")
        if base_url is None:
            base_url = os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL
        key = _find_key(api_key)
        if not key and base_url == DEFAULT_URL:
            raise ValueError("api_key must be given, or T2E_LLM_API_KEY or OPENAI_API_KEY be set, for OpenAI")
        require_openai()
        self._chat = ChatCompletions(model, base_url, key)
        self._timeout = timeout
        self._max_prompt_chars = max_prompt_chars
        self._rules = RuleEngine()

    @property
    def model(self) -> str:
        """The name of the model."""
        return self._chat.model

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._chat.model!r} at {self._chat.base_url}>"

    def draft(
        self,
        question: str,
        *,
        schemas: Sequence[tuple[str, Mapping[str, Any]]],
        examples: Sequence[Example],
        rated: Sequence[Example],
        contexts: Sequence[tuple[str, str]],
        dialect: str,
        examples_cutoff: float | None,
        feedback_cutoff: float | None,
        today: dt.date,
        try_sql: Callable[[str], str | None] | None = None,
    ) -> Draft:
        """Draft the SQL that answers `question`; see `Engine.draft`.

        Example:
            >>> from datetime import date
            >>> draft = ModelEngine("qwen2.5-coder", base_url="http://localhost:11434/v1").draft(
            ...     "How many users?",
            ...     schemas=[("id1", {"table": {"name": "users", "columns": [{"name": "id", "type": "integer"}]}})],
            ...     examples=[],
            ...     rated=[],
            ...     contexts=[],
            ...     dialect="sqlite",
            ...     examples_cutoff=None,
            ...     feedback_cutoff=None,
            ...     today=date.today(),
            ... )
            >>> print(draft.sql, draft.explanation)
        """

        def by_rules(
            schemas: Sequence[tuple[str, Mapping[str, Any]]],
            contexts: Sequence[tuple[str, str]],
            examples: Sequence[Example],
            rated: Sequence[Example],
        ) -> Draft:
            return self._rules.draft(
                question,
                schemas=schemas,
                contexts=contexts,
                examples=examples,
                rated=rated,
                dialect=dialect,
                examples_cutoff=examples_cutoff,
                feedback_cutoff=feedback_cutoff,
                today=today,
                try_sql=try_sql,
            )

        # Without schemas the rules know nothing but the answers that are there already.
        known = by_rules(
            [],
            [],
            [e for e in examples if same_question(question, e.query)],
            [r for r in rated if same_question(question, r.query)],
        )
        if known.sql is not None:
            return known
        try:
            prompt = make_prompt(
                question,
                schemas=schemas,
                contexts=contexts,
                examples=examples,
                rated=rated,
                dialect=dialect,
                today=today,
                max_chars=self._max_prompt_chars,
            )
            db_type = check_dialect(dialect)
            check = _Check(db_type, known_tables(schemas), _withdrawn(question, rated, db_type), try_sql)
            return self._draft(self._ask(prompt, check))
        except (ModelError, QueryError) as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - an engine does not raise; the message might hold anything
            reason = f"an unexpected {type(error).__name__}"
        draft = by_rules(schemas, contexts, examples, rated)
        failure = f"The model {self.model!r} gave no usable answer: {one_line(reason, _MAX_PROBLEM).rstrip('.')}."
        if draft.sql is None:
            return attrs.evolve(draft, explanation=f"{failure} The rules found none either: {draft.explanation}")
        return attrs.evolve(draft, explanation=f"{draft.explanation} Answered by rules. {failure}")

    def _ask(self, prompt: Prompt, check: _Check) -> _Answer:
        """Ask the model until its answer passes the checks.

        Raises:
            ModelError: There is no such answer.
        """
        deadline = time.monotonic() + self._timeout
        messages = list(prompt.messages)
        problems: list[str] = []
        while True:
            text = self._chat.ask(messages, deadline)
            try:
                reply = parse_reply(text)
                if reply.sql is None:
                    raise ModelError(f"it says that it cannot answer. {reply.explanation}".strip())
                schema_id = check(reply.sql)
            except QueryError as error:
                problems.append(one_line(str(error), _MAX_PROBLEM))
                if len(problems) > MAX_REPAIRS:
                    raise ModelError(f"after {MAX_REPAIRS} corrections still: {problems[-1]}") from None
                messages += repair_messages(text, problems[-1])
            else:
                return _Answer(reply, prompt, schema_id, check.try_sql is not None, tuple(problems))

    def _draft(self, answer: _Answer) -> Draft:
        prompt, reply = answer.prompt, answer.reply
        named: dict[str, list[str]] = {}
        for kind, id_ in dict.fromkeys(prompt.labels[name] for name in reply.used if name in prompt.labels):
            named.setdefault(kind, []).append(id_)
        parts = [f"Answered by the model {self.model!r}."]
        if reply.explanation:
            parts.append(f"It says: {reply.explanation.rstrip('.')}.")
        parts.append(_count_repairs(answer.problems))
        parts.append("" if answer.was_tried else "It was not tried on a database.")
        decided = [_ids(kind, named[kind]) for kind in ("context", "example", "rating") if kind in named]
        given = [_ids(kind, ids) for kind, ids in prompt.sources.items() if kind not in {"table", *named}]
        parts.append(f"It says that it used {'; '.join(decided)}." if decided else "")
        parts.append(f"It was given {'; '.join(given)}." if given else "")
        sources = named or prompt.relevant
        if prompt.left_out:
            left_out = ", ".join(f"{n} of kind {kind}" for kind, n in prompt.left_out.items())
            parts.append(f"For others there was no room in the prompt: {left_out}.")
        return Draft(
            reply.sql,
            " ".join(filter(None, parts)),
            example_id=_first(sources, "example"),
            schema_id=answer.schema_id or _first(prompt.sources, "table"),
            context_id=_first(sources, "context"),
        )


@attrs.frozen
class _Check:
    """All that SQL of the model has to pass."""

    db_type: str
    tables: Mapping[str, KnownTable]
    withdrawn: Mapping[str, Example]
    try_sql: Callable[[str], str | None] | None

    def __call__(self, sql: str) -> str | None:
        """Return the id of the schema metadata of the SQL's first table, if that is known.

        Raises:
            QueryError: The SQL cannot be used; the message says why.
        """
        schema_id = check_query(sql, self.db_type, self.tables)
        bad = self.withdrawn.get(canonical_query(sql, self.db_type))
        if bad is not None:
            comment = f", with the comment {bad.comment!r}" if bad.comment else ""
            raise QueryError(f"this SQL was rated wrong for this question{comment}; find another reading")
        if self.try_sql is not None and (message := self.try_sql(sql)) is not None:
            raise QueryError(f"the database says: {message}")
        return schema_id


def _find_key(api_key: object) -> str:
    found = [("api_key", api_key), *((name, os.environ.get(name) or None) for name in KEY_VARIABLES)]
    name, key = next((each for each in found if each[1] is not None), ("api_key", ""))
    if not isinstance(key, str) or not key.isascii() or (key and not key.isprintable()) or " " in key:
        raise ValueError(f"{name} must be printable ASCII without spaces")
    return key


def _withdrawn(question: str, rated: Sequence[Example], db_type: str) -> dict[str, Example]:
    """Return the SQL that was rated bad at least as often as good for the question, in its canonical form."""
    balance: dict[str, int] = {}
    bad: dict[str, Example] = {}
    for example in rated:
        if same_question(question, example.query):
            sql = canonical_query(example.sql, db_type)
            balance[sql] = balance.get(sql, 0) + (1 if example.positive else -1)
            if not example.positive:
                bad.setdefault(sql, example)
    return {sql: example for sql, example in bad.items() if balance[sql] <= 0}


def _count_repairs(problems: Sequence[str]) -> str:
    if not problems:
        return ""
    times = "once" if len(problems) == 1 else f"{len(problems)} times"
    return f"Its first answer was corrected {times}, last for: {problems[-1].rstrip('.')}."


def _ids(kind: str, ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _MAX_IDS} more" if len(ids) > _MAX_IDS else ""
    return f"{kind} {', '.join(ids[:_MAX_IDS])}{more}"


def _first(sources: Mapping[str, Sequence[str]], kind: str) -> str | None:
    return next(iter(sources.get(kind, ())), None)
