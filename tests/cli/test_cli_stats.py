"""`feedback stats`: counts for people and programs."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta

import pytest
from extras import skip_without

skip_without("cli")

from rich.console import Console

from text2everything._feedback.stats import FeedbackStats
from text2everything._feedback.tally import DislikedMessage, Tally
from text2everything.cli._feedback_stats import _report
from text2everything.cli._output import print_renderables


@pytest.fixture
def rated(client, project, service):
    """Two messages: one rated good, one good and bad, with an escape sequence in a comment."""
    database = client.connectors.get(service.demo.project_id, service.demo.connector_id).database
    connector = client.connectors.create(project, "db", "sqlite", database=database)
    made = [client.executions.execute_query(project, connector.id, f"SELECT {i}") for i in range(2)]
    for number, positive, comment in ((0, True, "right"), (1, True, "right"), (1, False, "wrong\x1b[31m year")):
        client.feedback.create(project, made[number].chat_message_id, comment, positive, made[number].execution_id)
    return made[1].chat_message_id


def test_what_is_counted(run, project, rated):
    result = run("feedback", "stats", "--project", project)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("3 ratings, 66.7% good\non 2 messages, 2 executions\n")
    assert f"  1     1  {rated}  wrong\N{REPLACEMENT CHARACTER}[31m year" in result.stdout
    assert "\x1b" not in result.stdout
    found = run("feedback", "stats", "--project", project, "--search", "right")
    assert found.stdout.startswith("2 ratings, 100.0% good\n")
    assert rated not in found.stdout
    assert rated not in run("feedback", "stats", "--project", project, "--worst", 0).stdout


def test_json_is_one_document(run, project, rated):
    found = json.loads(run("feedback", "stats", "--project", project, "--json").stdout)
    assert (found["total"], found["positive"], found["negative"], found["messages"]) == (3, 2, 1, 2)
    assert found["most_disliked"][0]["chat_message_id"] == rated


def test_nothing_to_count(run, project):
    assert run("feedback", "stats", "--project", project).stdout == "no ratings\n"


def test_a_period_is_day_week_or_month(run, project, rated):
    assert "\nmonth " in run("feedback", "stats", "--project", project, "--by", "month").stdout
    wrong = run("feedback", "stats", "--project", project, "--by", "year")
    assert wrong.exit_code == 2
    assert "'day', 'week', 'month'" in wrong.stderr


def printed(stats, by=None, **options):
    console = Console(file=io.StringIO(), width=100, color_system=None, **options)
    print_renderables(console, *_report(console, stats, by))
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(
    ("days", "period", "lines"), [(14, "day", 14), (15, "week", 3), (99, "month", 4), (900, "month", 14)]
)
def test_the_period_suits_the_time_covered(days, period, lines):
    by_day = {date(2024, 1, 1) + timedelta(days=i): Tally(3, 1) for i in (0, days - 1)}
    out = printed(FeedbackStats(positive=6, negative=2, by_day=by_day))
    assert out[3].split() == [period, "good", "bad"]
    assert len(out) == 5 + lines


def test_bars_are_as_long_as_the_counts():
    by_day = {date(2024, 1, 1): Tally(6, 2), date(2024, 1, 2): Tally(0, 4)}
    out = printed(FeedbackStats(positive=6, negative=6, by_day=by_day))
    good, bad = "\N{FULL BLOCK}", "\N{LIGHT SHADE}"
    assert [line.split()[-1] for line in out[-2:]] == [good * 18 + bad * 6, bad * 12]


def test_a_message_without_a_comment_and_ratings_without_a_time():
    worst = DislikedMessage(chat_message_id="m", positive=0, negative=1200)
    out = printed(FeedbackStats(positive=0, negative=1200, by_message={"m": Tally(0, 1200)}, most_disliked=(worst,)))
    assert out[0] == "1,200 ratings, 0.0% good"
    assert out[-1].split() == ["1,200", "0", "m"]
