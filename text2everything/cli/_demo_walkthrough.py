"""What `text2everything demo` does and shows: questions, their SQL and rows, ratings, and the execution cache."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from text2everything.cli._output import make_table, rating_text, rows_table, sql_text
from text2everything.cli._terminal_text import pluralize

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from text2everything import CacheMatch, ChatToAnswerResponse, SQLExecuteResponse, Text2EverythingClient
    from text2everything.local import Demo

QUESTION: Final = "Top 5 customers by total order amount"
SIMILAR_QUESTION: Final = "Who are the top 5 customers by total amount of orders?"
UNRELATED_QUESTION: Final = "How many users are active?"
MISREAD_QUESTION: Final = "Show blocked customers"

GOOD_COMMENT: Final = "Matches our accounts"
HASTY_COMMENT: Final = "Looks right"
BAD_COMMENT: Final = "Only what tells them apart, not every column"

MAX_ROWS: Final = 5


@attrs.frozen
class Walkthrough:
    """The steps of the demo, in order."""

    client: Text2EverythingClient
    demo: Demo
    console: Console
    data_dir: Path | None

    def delete_earlier_feedback(self) -> None:
        """Delete the feedback of earlier runs in the same directory, so that every run shows the same."""
        project = self.demo.project_id
        comments = {GOOD_COMMENT, HASTY_COMMENT, BAD_COMMENT}
        old = [item.id for item in self.client.feedback.iter(project) if item.feedback in comments]
        if old:
            self.client.feedback.bulk_delete(project, old)

    def run(self) -> Iterator[RenderableType]:
        """Run the steps and yield what to print, indented below the headings."""
        for renderable in self._steps():
            is_full_width = renderable == "" or isinstance(renderable, Rule)
            yield renderable if is_full_width else Padding(renderable, (0, 0, 0, 2), expand=False)

    def _steps(self) -> Iterator[RenderableType]:
        yield self._line(("Text2Everything", "bold"), " on a small shop's database, all on this machine")
        yield ""
        yield from self._rate_answer_good()
        yield from self._look_up_similar_questions()
        yield from self._rate_answer_bad()
        yield from self._next_steps()

    def _rate_answer_good(self) -> Iterator[RenderableType]:
        yield from self._heading(1, "A question becomes SQL, and the SQL is run", "client.chat.chat_to_answer(...)")
        answer = self._ask(QUESTION)
        yield from self._answer_lines(QUESTION, answer)
        self.client.feedback.create_positive(
            self.demo.project_id, answer.chat_message_id, GOOD_COMMENT, execution_id=answer.execution_id
        )
        yield self._rating_line(True, GOOD_COMMENT)
        yield ""

    def _look_up_similar_questions(self) -> Iterator[RenderableType]:
        yield from self._heading(
            2,
            "An answer rated good is reused for similar questions",
            "client.chat.execution_cache_lookup(..., only_positive_feedback=True)",
        )
        table = make_table("question", "similarity", "rating", right_aligned=[1])
        cached = None
        for question in (QUESTION, SIMILAR_QUESTION, UNRELATED_QUESTION):
            match = self._best_match(question)
            if match is None:
                table.add_row(question, "-", self._line("no match", style="dim"))
                continue
            mark = rating_text(self.console, match.feedback_is_positive)
            table.add_row(question, f"{match.similarity_score:.0%}", mark)
            cached = match.execution
        yield table
        if cached is not None and cached.rows:
            first = ", ".join(map(str, cached.rows[0]))
            yield ""
            yield self._line(f"The {cached.row_count} rows come from the cache, first: {first}. No SQL was run.")
        yield ""

    def _rate_answer_bad(self) -> Iterator[RenderableType]:
        yield from self._heading(
            3,
            "An answer rated bad is not reused, and the next one is different",
            "client.feedback.create_negative(...): the latest rating counts",
        )
        answer = self._ask(MISREAD_QUESTION)
        yield from self._answer_lines(MISREAD_QUESTION, answer, max_rows=2)
        project = self.demo.project_id
        for positive, comment in ((True, HASTY_COMMENT), (False, BAD_COMMENT)):
            self.client.feedback.create(
                project, answer.chat_message_id, comment, positive, execution_id=answer.execution_id
            )
            is_reused = self._best_match(MISREAD_QUESTION) is not None
            yield self._rating_line(
                positive, comment, effect="the cache returns it" if is_reused else "the cache keeps it back"
            )
        again = self._ask(MISREAD_QUESTION)
        yield ""
        yield from self._answer_lines(MISREAD_QUESTION, again, max_rows=2, prefix="asked again:  ")
        if again.explanation:
            yield self._line(again.explanation, style="dim")
            yield ""

    def _next_steps(self) -> Iterator[RenderableType]:
        yield from self._heading(0, "Try it yourself", "")
        data_dir = f" --data-dir {shlex.quote(str(self.data_dir))}" if self.data_dir else ""
        steps = Table.grid(padding=(0, 2, 0, 0))
        steps.add_column(no_wrap=True)
        steps.add_column(overflow="fold")
        for label, code in (
            ("in Python", "client = Text2EverythingClient.local(demo=True)"),
            ("as a service", f"text2everything serve --demo{data_dir}"),
            ("then", f'text2everything ask "{UNRELATED_QUESTION}"'),
        ):
            steps.add_row(self._line(label, style="dim"), self._line(code))
        yield steps

    # What the steps are made of

    def _ask(self, question: str) -> ChatToAnswerResponse:
        demo = self.demo
        return self.client.chat.chat_to_answer(demo.project_id, demo.chat_session_id, question, demo.connector_id)

    def _best_match(self, question: str) -> CacheMatch | None:
        found = self.client.chat.execution_cache_lookup(
            self.demo.project_id, question, self.demo.connector_id, only_positive_feedback=True
        )
        return found.matches[0] if found.matches else None

    def _answer_lines(
        self, question: str, answer: ChatToAnswerResponse, *, max_rows: int = MAX_ROWS, prefix: str = ""
    ) -> Iterator[RenderableType]:
        yield self._line((prefix, "dim"), (question, "bold cyan"))
        yield ""
        if answer.sql_query is None:
            yield self._line(answer.explanation or "There is no answer to this question.")
            yield ""
            return
        yield sql_text(answer.sql_query)
        yield ""
        result = answer.execution_result
        if result is None or not result.is_successful:
            yield self._line(f"It failed: {result.error if result else 'it was not run'}", style="red")
        else:
            yield rows_table(result.columns, result.rows, max_rows=max_rows)
            yield self._line(_row_count(result, max_rows), style="dim")
        yield ""

    def _rating_line(self, positive: bool, comment: str, effect: str = "") -> Text:
        line = (
            self._line("rated ").append_text(rating_text(self.console, positive)).append(f'  "{comment}"', "italic")
        )
        return line.append(f"  {effect}", "dim") if effect else line

    def _heading(self, number: int, text: str, call: str) -> Iterator[RenderableType]:
        yield Rule(self._line((f"{number}  {text}" if number else text, "bold")), align="left", style="dim")
        if call:
            yield self._line(call, style="dim")
        yield ""

    def _line(self, *parts: str | tuple[str, str], style: str = "") -> Text:
        return Text.assemble(*parts, style=style)


def _row_count(result: SQLExecuteResponse, max_rows: int) -> str:
    count, shown = result.row_count, min(max_rows, len(result.rows))
    rows = pluralize(count, "row")
    time = "" if result.execution_time_ms is None else f" in {result.execution_time_ms:.1f} ms"
    return f"{rows}{time}" if shown >= count else f"{rows}{time}, the first {shown} shown"
