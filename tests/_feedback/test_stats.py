"""Ratings at a glance: the counts are right, and what they look like."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from extras import needs
from hypothesis import given
from hypothesis import strategies as st
from odd_services import OddService, rows, serving

from text2everything import AsyncText2EverythingClient, Text2EverythingClient, ValidationError
from text2everything._feedback.count import count_ratings
from text2everything._feedback.stats import FeedbackStats
from text2everything._feedback.tally import Tally
from text2everything.models import FeedbackResponse

MONDAY = datetime(2026, 1, 5, 12, tzinfo=UTC)


def rating(
    message: str = "m",
    positive: bool = True,
    execution: str | None = None,
    when: datetime | None = MONDAY,
    text: str = "why",
) -> FeedbackResponse:
    return FeedbackResponse(
        id="f", chat_message_id=message, feedback=text, is_positive=positive, execution_id=execution, created_at=when
    )


async def stream(ratings: Iterable[FeedbackResponse]) -> AsyncIterator[FeedbackResponse]:
    for each in ratings:
        yield each


async def stats(*ratings: FeedbackResponse, worst: int = 10) -> FeedbackStats:
    return await count_ratings(stream(ratings), worst=worst)


ratings_lists = st.lists(
    st.builds(
        rating,
        message=st.sampled_from("abcd"),
        positive=st.booleans(),
        execution=st.none() | st.sampled_from("xyz"),
        when=st.none()
        | st.datetimes(datetime(2025, 11, 1), datetime(2026, 3, 1))  # noqa: DTZ001  # some services give no zone
        | st.datetimes(datetime(2025, 11, 1), datetime(2026, 3, 1), timezones=st.timezones()),  # noqa: DTZ001
        text=st.text(),
    )
)


@given(ratings_lists)
async def test_the_counts_are_those_of_a_plain_count(ratings: list[FeedbackResponse]) -> None:
    found = await stats(*ratings)
    assert (found.positive, found.negative) == (
        sum(each.is_positive for each in ratings),
        sum(not each.is_positive for each in ratings),
    )
    assert found.total == len(ratings)
    messages = Counter((each.chat_message_id, each.is_positive) for each in ratings)
    assert {(key, good): n for key, tally in found.by_message.items() for good, n in pairs(tally)} == messages
    executions = Counter((each.execution_id, each.is_positive) for each in ratings if each.execution_id)
    assert {(key, good): n for key, tally in found.by_execution.items() for good, n in pairs(tally)} == executions
    timed = [each for each in ratings if each.created_at]
    assert sum(tally.total for tally in found.by_day.values()) == len(timed)
    assert list(found.by_day) == sorted(found.by_day)
    for period in ("day", "week", "month"):
        over_time = found.over_time(period)
        assert sum(tally.total for tally in over_time.values()) == len(timed)
        assert list(over_time) == sorted(over_time)
    negatives = Counter(each.chat_message_id for each in ratings if not each.is_positive)
    assert {each.chat_message_id: each.negative for each in found.most_disliked} == negatives
    counts = [each.negative for each in found.most_disliked]
    assert counts == sorted(counts, reverse=True)
    json.dumps(found.to_dict())
    assert str(len(ratings)) in repr(found)


def pairs(tally: Tally) -> list[tuple[bool, int]]:
    return [(good, n) for good, n in ((True, tally.positive), (False, tally.negative)) if n]


async def test_no_ratings() -> None:
    found = await stats()
    assert found.total == 0
    assert found.share_positive is None
    assert found.over_time("week") == {}
    assert repr(found) == "FeedbackStats: 0 ratings"
    assert found._repr_html_() == "<p><b>0 ratings</b></p>"
    assert found.to_dict()["share_positive"] is None


async def test_days_are_those_of_utc() -> None:
    late = datetime(2026, 1, 5, 23, 30, tzinfo=timezone(timedelta(hours=-3)))
    found = await stats(rating(when=late), rating(when=datetime(2026, 1, 5, 23, 30)))  # noqa: DTZ001
    assert list(found.by_day) == [date(2026, 1, 5), date(2026, 1, 6)]
    assert found.first == datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
    assert found.last == late


async def test_weeks_begin_on_monday_and_empty_periods_are_there() -> None:
    found = await stats(rating(when=MONDAY - timedelta(days=1)), rating(when=MONDAY + timedelta(days=13)))
    assert {day: tally.total for day, tally in found.over_time("week").items()} == {
        date(2025, 12, 29): 1,
        date(2026, 1, 5): 0,
        date(2026, 1, 12): 1,
    }
    assert len(found.over_time()) == 15


async def test_months_begin_on_their_first() -> None:
    found = await stats(
        rating(when=datetime(2025, 12, 31, tzinfo=UTC)), rating(when=datetime(2026, 2, 1, tzinfo=UTC))
    )
    assert list(found.over_time("month")) == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]


async def test_the_most_disliked_come_with_their_latest_comments() -> None:
    bad = [rating("worst", False, when=MONDAY + timedelta(hours=n), text=f"reason {n}") for n in (2, 5, 1, 4, 3)]
    found = await stats(
        rating("bad", False), rating("bad"), *bad, rating("worse", False), rating("worse", False), worst=2
    )
    first, second = found.most_disliked
    assert (first.chat_message_id, first.negative, first.positive) == ("worst", 5, 0)
    assert first.comments == ("reason 5", "reason 4", "reason 3")
    assert first.latest == MONDAY + timedelta(hours=5)
    assert second.chat_message_id == "worse"


async def test_of_equally_disliked_ones_the_less_liked_then_the_later_come_first() -> None:
    found = await stats(
        rating("liked", False),
        rating("liked"),
        rating("old", False),
        rating("new", False, when=MONDAY + timedelta(days=1)),
        rating("undated", False, when=None),
    )
    assert [each.chat_message_id for each in found.most_disliked] == ["new", "old", "undated", "liked"]
    assert found.most_disliked[2].latest is None


async def test_long_comments_are_cut() -> None:
    found = await stats(rating(positive=False, text="x" * 10_000))
    assert len(found.most_disliked[0].comments[0]) == 300
    assert max(map(len, repr(found).splitlines())) < 110


async def test_repr_is_for_reading() -> None:
    ratings = [rating("m1", positive=n % 4 > 0, execution=f"e{n % 2}", text="Wrong\nyear") for n in range(1200)]
    assert repr(await stats(*ratings)) == (
        "FeedbackStats: 1,200 ratings, 75 % positive\n"
        "  positive        900    75 %  ██████████████████████\n"
        "  negative        300    25 %  ████████\n"
        "  on 1 message, 2 executions; 2026-01-05 to 2026-01-05\n"
        "  most disliked:\n"
        "    300 of 1,200  m1  “Wrong year”"
    )


@pytest.mark.parametrize(
    ("good", "bad", "shown"),
    [(1, 0, "100 %"), (5000, 1, ">99.9 %"), (1, 5000, "<0.1 %"), (0, 1, "0 %"), (1, 2, "33.3 %")],
)
def test_only_all_is_shown_as_all(good: int, bad: int, shown: str) -> None:
    assert f"{shown} positive" in repr(FeedbackStats(positive=good, negative=bad))


async def test_html_escapes_what_users_wrote() -> None:
    shown = (await stats(rating("<m>", False, text="<script>"), rating()))._repr_html_()
    assert "&lt;script&gt;" in shown
    assert "&lt;m&gt;" in shown
    assert "<script>" not in shown
    assert "width:50.0%" in shown


@needs("pandas")
async def test_data_frames() -> None:
    assert (await stats()).to_pandas().empty
    found = await stats(
        rating("a", execution="x"), rating("a", False), rating("b", when=MONDAY + timedelta(days=2), execution="x")
    )
    days = found.to_pandas()
    assert days["total"].to_list() == [2, 0, 1]
    assert days["share_positive"].to_list()[0] == 0.5
    assert days["share_positive"].isna().to_list() == [False, True, False]
    assert days.index.name == "day"
    assert str(days.index.dtype).startswith("datetime64")
    assert found.to_pandas("month")["positive"].to_list() == [2]
    assert found.to_pandas("message").loc["a"].to_dict() == {
        "positive": 1.0,
        "negative": 1.0,
        "total": 2.0,
        "share_positive": 0.5,
    }
    assert found.to_pandas("execution")["total"].to_dict() == {"x": 2}


@needs("plot")
@pytest.mark.parametrize(
    ("days", "unit", "bars"), [(1, "day", 1), (40, "day", 41), (300, "week", 43), (900, "month", 30)]
)
async def test_plot(days: int, unit: str, bars: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    # A lone day is one bar; otherwise two ratings, that far apart.
    last = MONDAY + timedelta(days=days if days > 1 else 0)
    found = await stats(rating(), rating(positive=False), rating(when=last))
    axes = found.plot()
    try:
        good, bad = axes.containers
        assert [len(good), len(bad)] == [bars, bars]
        assert sum(bar.get_height() for bar in good) == 2
        assert sum(bar.get_height() for bar in bad) == 1
        assert bad[0].get_y() == good[0].get_height()
        assert axes.get_ylabel() == f"ratings per {unit}"
        assert axes.get_title(loc="left") == "3 ratings, 66.7 % positive"
        axes.figure.canvas.draw()
        labels = [label.get_window_extent() for label in axes.get_xticklabels()]
        assert not any(one.overlaps(other) for one, other in pairwise(labels))
    finally:
        plt.close("all")


@needs("plot")
async def test_plot_on_given_axes_and_of_nothing() -> None:
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    assert (await stats()).plot("week", ax=axes) is axes
    assert [text.get_text() for text in axes.texts] == ["no ratings with a time"]


@pytest.mark.parametrize("wrong", ["year", "", None, 7])
async def test_an_unknown_period_is_refused(wrong: object) -> None:
    found = await stats(rating())
    with pytest.raises(ValidationError, match="period must be one of day, week, month"):
        found.over_time(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="by must be one of day"):
        found.to_pandas(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("module", "call"), [("pandas", "to_pandas"), ("matplotlib", "plot")])
async def test_a_missing_extra_is_named(module: str, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    found = await stats(rating())
    with pytest.raises(ImportError, match=f"pip install {module}$"):
        getattr(found, call)()


async def test_feedback_stats_reads_every_page() -> None:
    service = OddService(items=[each | {"is_positive": n % 5 > 0} for n, each in enumerate(rows(1_234))])
    async with (
        serving(service) as url,
        AsyncText2EverythingClient(base_url=url, access_token="t", workspace_name="workspaces/w") as client,
    ):
        found = await client.feedback.stats("p", worst=3)
        with pytest.raises(ValidationError, match="worst must be 0 or more"):
            await client.feedback.stats("p", worst=-1)
    assert (found.positive, found.negative, len(found.by_message), len(found.most_disliked)) == (987, 247, 7, 3)


def test_blocking_stats_on_the_embedded_service() -> None:
    with Text2EverythingClient.local(demo=True) as client:
        project = client.projects.list()[0].id
        answer = client.chat.chat_to_answer(
            project,
            client.chat_sessions.list(project)[0].id,
            "Show active customers",
            connector_id=client.connectors.list(project)[0].id,
        )
        before = client.feedback.stats(project)
        assert answer.execution_result is not None
        execution = answer.execution_result.execution_id
        client.feedback.create_negative(project, answer.chat_message_id, "Wrong year, surely", execution)
        found = client.feedback.stats(project)
        assert found.total == before.total + 1
        assert found.by_execution[execution].negative == 1
        assert client.feedback.stats(project, "wrong year, SURELY").negative == 1
