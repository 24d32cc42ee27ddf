"""How many questions the embedded service answers rightly, and how well its cache tells questions apart."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import attrs

from benchmarks.labelled import labels, schema
from benchmarks.labelled.labels import Labels, Pair, Question
from benchmarks.labelled.results import same_result
from benchmarks.report import Goal, Outcome
from text2everything import Text2EverythingClient

MOST_WRONG, LEAST_RIGHT = 3, 40
"""Percent: wrong of all questions, right of those that can be answered."""
LEAST_PRECISION, LEAST_RECALL = 0.95, 0.5


@attrs.frozen
class Score:
    """What became of one half's questions and pairs."""

    answerable: Counter[str] = attrs.field(factory=Counter)
    declinable: Counter[str] = attrs.field(factory=Counter)
    """Questions that must be declined."""
    pairs: Counter[tuple[bool, bool]] = attrs.field(factory=Counter)
    """By whether the questions mean the same, and whether the cache says so."""
    mistakes: list[str] = attrs.field(factory=list)


@attrs.frozen
class Place:
    """One database, a service that knows its schema, and a client of it."""

    name: str
    client: Text2EverythingClient
    path: Path
    connection: sqlite3.Connection

    def project(self) -> str:
        """Make a project with the schema metadata of the database."""
        project = self.client.projects.create(self.name).id
        self.client.schema_metadata.bulk_create(project, list(schema.metadata(self.connection)))
        return project

    def connector(self, project: str, name: str = "database") -> str:
        return self.client.connectors.create(project, name, db_type="sqlite", database=str(self.path)).id

    def ask(self, project: str, connector: str, question: Question, score: Score) -> None:
        """Ask a question in a session of its own, and compare the results of its SQL and of what came."""
        session = self.client.chat_sessions.create(project).id
        answer = self.client.chat.chat_to_sql(project, session, question.text, connector_id=connector)
        verdict = self._judge(question, answer.sql_query)
        (score.declinable if question.sql is None else score.answerable)[verdict] += 1
        if verdict != ("declined" if question.sql is None else "right"):
            score.mistakes.append(
                f"{self.name}: {verdict}: {question.text}\n    {answer.sql_query or answer.explanation}"
            )

    def _judge(self, question: Question, given: str | None) -> str:
        if given is None:
            return "declined"
        wanted = () if question.sql is None else (question.sql, *question.also)
        return "right" if any(same_result(self.connection, sql, given) for sql in wanted) else "wrong"

    def look_up(self, project: str, number: int, pair: Pair, score: Score) -> None:
        """Have the first question answered and executed, on a connector of its own, and look up the second."""
        connector = self.connector(project, f"pair {number}")
        session = self.client.chat_sessions.create(project).id
        answer = self.client.chat.chat_to_answer(project, session, pair.first.text, connector)
        if self._judge(pair.first, answer.sql_query) != "right" or answer.execution_result is None:
            raise RuntimeError(f"the golden example of {pair.first.id} ({self.name}) was not used")
        found = self.client.chat.execution_cache_lookup(project, pair.second, connector).cache_hit
        score.pairs[pair.same, found] += 1
        if found != pair.same:
            mistake = "not found" if pair.same else "confused"
            score.mistakes.append(f"{self.name}: {mistake}: {pair.first.text}\n    {pair.second}")


def run(quick: bool) -> Outcome:
    """Ask all questions and look up all pairs; `quick` leaves the reserved half alone."""
    outcome = Outcome("answers")
    with tempfile.TemporaryDirectory() as directory:
        for half in labels.HALVES[:1] if quick else labels.HALVES:
            score = Score()
            for name in labels.DATABASES:
                _measure(Path(directory) / f"{name}-{half}.sqlite3", name, labels.read(name, half), score)
            _report(outcome, half, score)
            if half == "tuning":
                outcome.details.extend(score.mistakes)
    return outcome


def _measure(path: Path, name: str, found: Labels, score: Score) -> None:
    labels.DATABASES[name](path)
    with (
        closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection,
        Text2EverythingClient.local() as client,
    ):
        place = Place(name, client, path, connection)
        project = place.project()
        connector = place.connector(project)
        for question in found.questions:
            place.ask(project, connector, question, score)
        # Another project, so that its golden examples answer no question.
        project = place.project()
        examples = {pair.first.text: pair.first.sql for pair in found.pairs}
        client.golden_examples.bulk_create(
            project, [{"user_query": text, "sql_query": sql} for text, sql in examples.items()]
        )
        for number, pair in enumerate(found.pairs, 1):
            place.look_up(project, number, pair, score)


def _report(outcome: Outcome, half: str, score: Score) -> None:
    answerable, declinable = score.answerable.total(), score.declinable.total()
    total = answerable + declinable
    right, wrong = score.answerable["right"], score.answerable["wrong"] + score.declinable["wrong"]
    hits, confused, missed = (score.pairs[key] for key in ((True, True), (False, True), (True, False)))
    precision = hits / (hits + confused) if hits + confused else 1.0
    recall = hits / (hits + missed)
    outcome.facts.update(
        {
            f"{half}: answerable": _counts(score.answerable),
            f"{half}: to be declined": _counts(score.declinable),
            f"{half}: all": f"{right + score.declinable['declined']} of {total} as they should be",
            f"{half}: pairs": f"{hits} found, {missed} missed, {confused} confused, of {score.pairs.total()}",
        }
    )
    outcome.goals.extend(
        [
            Goal(f"{half}: wrong of all questions", 100 * wrong / total, "<=", MOST_WRONG, "%"),
            Goal(f"{half}: right of the answerable", 100 * right / answerable, ">=", LEAST_RIGHT, "%"),
            Goal(f"{half}: precision of the cache", precision, ">=", LEAST_PRECISION, ""),
            Goal(f"{half}: recall of the cache", recall, ">=", LEAST_RECALL, ""),
        ]
    )


def _counts(counts: Counter[str]) -> str:
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ("right", "wrong", "declined") if counts[verdict])
    return f"{told}, of {counts.total()}"
