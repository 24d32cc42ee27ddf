"""`text2everything demo`: from a question to SQL, its rows, a rating, and what the rating is good for."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import click

from text2everything.cli._errors import Failure
from text2everything.cli._text import many

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from text2everything import CacheMatch, ChatToAnswerResponse, SQLExecuteResponse, Text2EverythingClient
    from text2everything.local import Demo

QUESTION: Final = "Top 5 customers by total order amount"
SIMILAR: Final = "Who are the top 5 customers by total amount of orders?"
OTHER: Final = "How many users are active?"
MISREAD: Final = "Which products were sold the most?"

PRAISE: Final = "Agrees with the books"
HASTY: Final = "Looks right"
COMPLAINT: Final = "By money, please, not by pieces"

WIDTH: Final = 88
MOST_ROWS: Final = 5


@click.command(short_help="See what all this is about, in seconds.")
@click.option("--no-color", is_flag=True, help="Plain text; so does a pipe, or NO_COLOR in the environment.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory to keep everything in, for `serve --demo` to go on with.  [default: in memory]",
)
@click.option(
    "--svg", type=click.Path(dir_okay=False, path_type=Path), hidden=True, help="Also save it as a picture."
)
def demo(no_color: bool, data_dir: Path | None, svg: Path | None) -> None:
    """See a question become SQL, be rated, and come back from the cache.

    Runs on this machine, on a small shop database, without an account; takes a few seconds.
    """
    from rich.padding import Padding  # noqa: PLC0415 - slow, and not for --help
    from rich.rule import Rule  # noqa: PLC0415 - slow, and not for --help

    from text2everything import Text2EverythingClient  # noqa: PLC0415 - slow, and not for --help
    from text2everything.cli._output import make_console, show  # noqa: PLC0415 - slow, and not for --help
    from text2everything.local import LocalServiceError  # noqa: PLC0415 - slow, and not for --help

    console = make_console(color=not no_color, width=80)
    console.width = min(console.width, WIDTH)
    console.record = svg is not None
    try:
        client = Text2EverythingClient.local(data_dir=data_dir, demo=True)
    except LocalServiceError as error:
        raise Failure(str(error)) from None
    with client:
        assert client.service is not None  # noqa: S101 - for the type checker
        assert client.service.demo is not None  # noqa: S101 - for the type checker
        story = Story(client, client.service.demo, console, data_dir)
        story.forget()
        for part in story.tell():
            show(console, part if part == "" or isinstance(part, Rule) else Padding(part, (0, 0, 0, 2), expand=False))
    if svg is not None:
        svg.write_text(console.export_svg(title="text2everything demo", unique_id="demo"), encoding="utf-8")


@attrs.frozen
class Story:
    """What the demo does, in the order in which it is told."""

    client: Text2EverythingClient
    shop: Demo
    console: Console
    data_dir: Path | None

    def forget(self) -> None:
        """Delete what an earlier run rated in the same directory, so that each tells the same."""
        project = self.shop.project_id
        told = {PRAISE, HASTY, COMPLAINT}
        old = [item.id for item in self.client.feedback.iter(project) if item.feedback in told]
        if old:
            self.client.feedback.bulk_delete(project, old)

    def tell(self) -> Iterator[RenderableType]:
        """Yield what to print, as it happens."""
        yield self._line(("Text2Everything", "bold"), " on a small shop's database, all on this machine")
        yield ""
        yield from self._rated_good()
        yield from self._reused()
        yield from self._rated_bad()
        yield from self._next()

    def _rated_good(self) -> Iterator[RenderableType]:
        yield from self._heading(1, "A question becomes SQL, and is answered", "client.chat.chat_to_answer(...)")
        answer = self._ask(QUESTION)
        yield from self._answer(QUESTION, answer)
        self.client.feedback.create_positive(
            self.shop.project_id, answer.chat_message_id, PRAISE, execution_id=answer.execution_id
        )
        yield self._rating(True, PRAISE)
        yield ""

    def _reused(self) -> Iterator[RenderableType]:
        from text2everything.cli._output import make_table, rating  # noqa: PLC0415 - slow, and not for --help

        yield from self._heading(
            2,
            "Rated good, it answers such questions again",
            "client.chat.execution_cache_lookup(..., only_positive_feedback=True)",
        )
        table = make_table("asked", "similarity", "rating", right=[1])
        reused = None
        for question in (QUESTION, SIMILAR, OTHER):
            match = self._best(question)
            if match is None:
                table.add_row(question, "-", self._line("no match", style="dim"))
                continue
            mark = rating(self.console, match.feedback_is_positive)
            table.add_row(question, f"{match.similarity_score:.0%}", mark)
            reused = match.execution
        yield table
        if reused is not None and reused.rows:
            first = ", ".join(map(str, reused.rows[0]))
            yield ""
            yield self._line(f"The {reused.row_count} rows come from the cache, first: {first}. No SQL was run.")
        yield ""

    def _rated_bad(self) -> Iterator[RenderableType]:
        yield from self._heading(
            3,
            "Rated bad, it does not, and the next answer learns",
            "client.feedback.create_negative(...): the latest rating counts",
        )
        answer = self._ask(MISREAD)
        yield from self._answer(MISREAD, answer, most=2)
        project = self.shop.project_id
        for positive, comment in ((True, HASTY), (False, COMPLAINT)):
            self.client.feedback.create(
                project, answer.chat_message_id, comment, positive, execution_id=answer.execution_id
            )
            back = self._best(MISREAD) is not None
            yield self._rating(positive, comment, then="the cache returns it" if back else "the cache keeps it back")
        again = self._ask(MISREAD)
        yield ""
        yield from self._answer(MISREAD, again, most=2, before="asked once more:  ")
        if again.explanation:
            yield self._line(again.explanation, style="dim")
            yield ""

    def _next(self) -> Iterator[RenderableType]:
        from rich.table import Table  # noqa: PLC0415 - slow, and not for --help

        yield from self._heading(0, "Try it yourself", "")
        kept = f" --data-dir {shlex.quote(str(self.data_dir))}" if self.data_dir else ""
        steps = Table.grid(padding=(0, 2, 0, 0))
        steps.add_column(no_wrap=True)
        steps.add_column(overflow="fold")
        for where, what in (
            ("in Python", "client = Text2EverythingClient.local(demo=True)"),
            ("as a service", f"text2everything serve --demo{kept}"),
            ("and then", f'text2everything ask "{OTHER}"'),
        ):
            steps.add_row(self._line(where, style="dim"), self._line(what))
        yield steps

    # What it is told with

    def _ask(self, question: str) -> ChatToAnswerResponse:
        shop = self.shop
        return self.client.chat.chat_to_answer(shop.project_id, shop.chat_session_id, question, shop.connector_id)

    def _best(self, question: str) -> CacheMatch | None:
        found = self.client.chat.execution_cache_lookup(
            self.shop.project_id, question, self.shop.connector_id, only_positive_feedback=True
        )
        return found.matches[0] if found.matches else None

    def _answer(
        self, question: str, answer: ChatToAnswerResponse, *, most: int = MOST_ROWS, before: str = ""
    ) -> Iterator[RenderableType]:
        from text2everything.cli._output import rows_table, sql_text  # noqa: PLC0415 - slow, and not for --help

        yield self._line((before, "dim"), (question, "bold cyan"))
        yield ""
        if answer.sql_query is None:
            yield self._line(answer.explanation or "There is no answer to this.")
            yield ""
            return
        yield sql_text(answer.sql_query)
        yield ""
        result = answer.execution_result
        if result is None or not result.is_successful:
            yield self._line(f"It failed: {result.error if result else 'it was not run'}", style="red")
        else:
            yield rows_table(result.columns, result.rows, most=most)
            yield self._line(_counted(result, most), style="dim")
        yield ""

    def _rating(self, positive: bool, comment: str, then: str = "") -> Text:
        from text2everything.cli._output import rating  # noqa: PLC0415 - slow, and not for --help

        line = self._line("rated ").append_text(rating(self.console, positive)).append(f'  "{comment}"', "italic")
        return line.append(f"  {then}", "dim") if then else line

    def _heading(self, number: int, text: str, call: str) -> Iterator[RenderableType]:
        from rich.rule import Rule  # noqa: PLC0415 - slow, and not for --help

        yield Rule(self._line((f"{number}  {text}" if number else text, "bold")), align="left", style="dim")
        if call:
            yield self._line(call, style="dim")
        yield ""

    def _line(self, *parts: str | tuple[str, str], style: str = "") -> Text:
        from rich.text import Text  # noqa: PLC0415 - slow, and not for --help

        return Text.assemble(*parts, style=style)


def _counted(result: SQLExecuteResponse, most: int) -> str:
    count, shown = result.row_count, min(most, len(result.rows))
    rows = many(count, "row")
    time = "" if result.execution_time_ms is None else f" in {result.execution_time_ms:.1f} ms"
    return f"{rows}{time}" if shown >= count else f"{rows}{time}, the first {shown} shown"
