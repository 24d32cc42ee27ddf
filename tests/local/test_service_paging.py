"""Listings in both styles of paging, and whatever else a query string may hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from text2everything.local._errors import ApiError
from text2everything.local._query_string import (
    IS_ALWAYS_DISPLAYED,
    PageRequest,
    boolean_param,
    offset_page_request,
    page_request,
)

from .conftest import Wire

COUNT = 7


def outcome(read: Callable[[], Any]) -> Any:
    """What is read, or the status of the refusal."""
    try:
        return read()
    except ApiError as error:
        return error.status


@pytest.fixture
async def ids(wire: Wire) -> list[str]:
    return [(await wire.made("P/contexts", {"name": f"n{n}", "content": "c"}))["id"] for n in range(COUNT)]


@pytest.mark.parametrize(
    ("query", "start", "size"),
    [
        ({}, 0, 100),
        ({"limit": "3"}, 0, 3),
        ({"skip": "2"}, 2, 100),
        ({"skip": "2", "limit": "3"}, 2, 3),
        ({"page": "1", "per_page": "3"}, 0, 3),
        ({"page": "3", "per_page": "3"}, 6, 3),
        ({"skip": "3", "limit": "3", "page": "2", "per_page": "3"}, 3, 3),
        # Page and per_page decide, each of them.
        ({"skip": "0", "limit": "100", "page": "1", "per_page": "3"}, 0, 3),
        ({"skip": "0", "limit": "100", "page": "3", "per_page": "3"}, 6, 3),
        ({"skip": "0", "limit": "100", "page": "4", "per_page": "3"}, 9, 3),
        ({"skip": "5", "limit": "2", "page": "1"}, 0, 100),
        ({"page": "2", "limit": "3"}, 100, 100),
        ({"skip": "5", "per_page": "3"}, 0, 3),
        ({"skip": "4", "limit": "3"}, 4, 3),
        ({"skip": "7", "limit": "3"}, 7, 3),
        ({"skip": "9007199254740992", "limit": "1"}, 2**53, 1),
        ({"limit": "99999"}, 0, 1000),
        ({"page": "2", "per_page": "99999"}, 1000, 1000),
        ({"page": "9007199254740992"}, (2**53 - 1) * 100, 100),
        ({"page": "9007199254740992", "per_page": "1000"}, (2**53 - 1) * 1000, 1000),
    ],
)
async def test_both_styles_name_the_same_page(wire: Wire, ids, query, start, size):
    status, reply = await wire("GET", "P/contexts", params=query)
    assert status == 200
    assert [item["id"] for item in reply.pop("items")] == ids[start : start + size]
    assert reply == {
        "total": COUNT,
        "page": start // size + 1,
        "page_size": size,
        "has_next": start + size < COUNT,
    }


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"skip": "-1"}, ["skip"]),
        ({"limit": "0"}, ["limit"]),
        ({"limit": "-5", "skip": "x"}, ["skip", "limit"]),
        ({"limit": ""}, ["limit"]),
        ({"limit": "1.5"}, ["limit"]),
        ({"limit": "\u0661"}, ["limit"]),
        ({"limit": "1_0"}, ["limit"]),
        ({"page": "0", "per_page": "0"}, ["page", "per_page"]),
        ({"skip": "9" * 18}, ["skip"]),
        ({"skip": "9" * 30}, ["skip"]),
    ],
)
@pytest.mark.parametrize("path", ["P/contexts", "P/feedback", "/projects", "P/chat-presets", "P/sql/executions"])
async def test_what_is_no_such_number_is_refused(wire: Wire, path, query, wrong):
    status, reply = await wire("GET", path, params=query)
    assert (status, [problem["loc"] for problem in reply["detail"]]) == (422, [["query", name] for name in wrong])


async def test_a_search_is_counted_and_paged(wire: Wire, ids):
    await wire.made("P/contexts", {"name": "other", "content": "other"})
    status, reply = await wire("GET", "P/contexts?q=N&skip=2&limit=2")
    assert status == 200
    assert [item["id"] for item in reply["items"]] == ids[2:4]
    assert (reply["total"], reply["has_next"]) == (COUNT, True)
    await wire("DELETE", f"P/contexts/{ids[0]}")
    assert (await wire("GET", "P/contexts?q=N&skip=2&limit=2"))[1]["total"] == COUNT - 1


async def test_a_search_may_hold_a_nul(wire: Wire):
    made = await wire.made("P/contexts", {"name": "a\0b", "content": "c"})
    for text, found in (("a\0B", [made["id"]]), ("\0c", [])):
        assert [item["id"] for item in (await wire("GET", "P/contexts", params={"q": text}))[1]["items"]] == found
    assert (await wire("GET", f"P/contexts/{made['id']}"))[1]["name"] == "a\0b"


async def test_templates_are_paged_by_offset(wire: Wire):
    path = "P/chat-presets/prompt-templates"
    assert await wire("GET", path) == (200, {"items": [], "has_next": False, "next_offset": None})
    ids = [(await wire.made(path, {"name": f"t{n}", "system_prompt": "s"}))["id"] for n in range(5)]
    read, offset = [], 0
    while offset is not None:
        reply = (await wire("GET", path, params={"offset": str(offset), "limit": "2"}))[1]
        read += [item["id"] for item in reply["items"]]
        offset = reply["next_offset"]
        assert reply["has_next"] is (offset is not None)
    assert read == ids
    assert (await wire("GET", f"{path}?offset=99"))[1] == {"items": [], "has_next": False, "next_offset": None}
    assert (await wire("GET", f"{path}?offset=-1&limit=0"))[0] == 422
    assert [item["name"] for item in (await wire("GET", f"{path}?q=T3"))[1]["items"]] == ["t3"]


@given(
    st.dictionaries(
        st.sampled_from(["skip", "limit", "page", "per_page", "offset"]), st.text() | st.integers().map(str)
    )
)
def test_any_query_gives_a_window_within_bounds_or_is_refused(query):
    for read in (page_request, offset_page_request):
        found = outcome(lambda: read(query))  # noqa: B023 - called at once
        if found != 422:
            assert 0 <= found.offset < 2**63  # what SQLite takes
            assert 1 <= found.limit <= 1000


@given(st.integers(0, 50), st.integers(1, 9), st.integers(0, 50))
def test_a_page_says_whether_there_is_more(offset, size, total):
    items = list(range(total))[offset : offset + size]
    page = PageRequest(offset, size).response_body(items, total)
    assert page["has_next"] is (bool(items) and items[-1] < total - 1)


@settings(max_examples=2 * settings().max_examples)
@given(st.text(max_size=5))
def test_a_flag_is_yes_no_or_refused(text):
    assert outcome(lambda: boolean_param({"is_always_displayed": text}, IS_ALWAYS_DISPLAYED)) in {
        True,
        False,
        None,
        422,
    }
