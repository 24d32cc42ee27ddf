"""`ResultComparison`: whether SQL has the same result as SQL that was rated bad for the same question."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from text2everything.local._threads import run_in_daemon_thread
from text2everything.local.engine import Example
from text2everything.local.engine._reuse import known_answers, rejected_sql
from text2everything.local.engine._sql import canonical, sql_dialect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from text2everything.local._databases._query_runner import QueryOutcome

# Of so many bad answers to a question the results are compared.
_MAX_COMPARED: Final = 5


class ResultComparison:
    """Compares results on the connector.

    Args:
        question: The question.
        examples: The golden examples; their SQL is right whatever its result.
        rated: The rated answers; the same holds for those that were rated good.
        dialect: The `db_type` of the connector.
        run: Runs a query on it; None where no connector is known, so that nothing is compared.
    """

    def __init__(
        self,
        question: str,
        examples: list[Example],
        rated: list[Example],
        dialect: str,
        run: Callable[[str], Awaitable[QueryOutcome]] | None,
    ) -> None:
        self._run = run
        self._dialect = sql_dialect(dialect)
        self._settled: set[str] = set()
        self._bad: list[Example] = []
        self._results: dict[str, Any] = {}
        if run is None or all(example.positive for example in rated):
            return
        answers = [*known_answers(question, rated, dict, self._dialect, golden=False)]
        rejected = rejected_sql(answers, self._dialect)
        self._settled = {
            canonical(answer.sql, self._dialect)
            for answer in (*answers, *known_answers(question, examples, dict, self._dialect, golden=True))
        }
        self._bad = [
            answer.example
            for answer in answers
            if answer.swap is None
            and not answer.example.positive
            and canonical(answer.sql, self._dialect) in rejected
        ][:_MAX_COMPARED]

    @property
    def ids(self) -> str:
        """The ids of the bad ratings."""
        return ", ".join(dict.fromkeys(example.id for example in self._bad if example.id))

    async def rated_bad(self, sql: str | None) -> Example | None:
        """Return a bad answer with the result that SQL has, unless a rating or golden example has that SQL itself."""
        if sql is None or self._run is None or not self._bad or canonical(sql, self._dialect) in self._settled:
            return None
        self._settled.add(canonical(sql, self._dialect))
        rows = await self._rows(sql)
        for example in self._bad if rows is not None else ():
            if await self._rows(example.sql) == rows:
                return example
        return None

    async def _rows(self, sql: str) -> Any:
        """Return the rows of a query, in any order unless it has one; None if it failed."""
        if sql not in self._results:
            assert self._run is not None  # noqa: S101
            outcome = await self._run(sql)
            result = outcome.result
            self._results[sql] = (
                None if result is None else await run_in_daemon_thread(partial(_rows_of, result.text, sql))
            )
        return self._results[sql]


def _rows_of(text: str, sql: str) -> list[str]:
    rows = [json.dumps(row) for row in json.loads(text)["data"][1:]]
    return rows if "order by" in " ".join(sql.casefold().split()) else sorted(rows)
