"""Schema metadata: its kinds, and wide tables in parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text2everything.local._schema_check import check_schema_data
from text2everything.local._schema_parts import join_parts, split_columns

from .conftest import Wire, refusal


def table(count: int, prefix: str = "c") -> dict:
    columns = [{"name": f"{prefix}{n}", "type": "text"} for n in range(count)]
    return {"table": {"name": "wide", "note": "kept", "columns": columns}, "extra": 1}


def body(data: dict, **more: object) -> dict:
    return {"name": "wide", "schema_data": data, "description": None, "is_always_displayed": False, **more}


def columns(parts: list[dict]) -> list[str]:
    return [column["name"] for part in parts for column in part["schema_data"]["table"]["columns"]]


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (8, [8]), (9, [8, 1]), (16, [8, 8]), (20, [8, 8, 4])])
async def test_a_wide_table_is_split(wire: Wire, count, sizes):
    parts = await wire.made("P/schema-metadata", body(table(count)))
    assert [len(part["schema_data"]["table"]["columns"]) for part in parts] == sizes
    assert columns(parts) == [f"c{n}" for n in range(count)]
    assert all(part["schema_data"]["table"]["note"] == "kept" for part in parts)
    if len(sizes) == 1:
        assert [parts[0][name] for name in ("split_group_id", "split_index", "total_splits")] == [None, None, None]
        return
    (group,) = {part["split_group_id"] for part in parts}
    assert [part["split_index"] for part in parts] == list(range(1, len(sizes) + 1))
    assert {part["total_splits"] for part in parts} == {len(sizes)}
    found = await wire("GET", f"P/schema-metadata/split-group/{group}")
    assert found == (200, {"split_group_id": group, "parts": parts, "total_parts": len(parts)})


async def test_an_unknown_group_is_not_found(wire: Wire):
    assert await wire("GET", "P/schema-metadata/split-group/none") == (
        404,
        refusal(404, "Split group none not found"),
    )


@pytest.mark.parametrize("index", [0, 2])
async def test_deleting_one_part_deletes_its_group(wire: Wire, index):
    parts = await wire.made("P/schema-metadata", body(table(20)))
    (other,) = await wire.made("P/schema-metadata", body(table(2)))
    assert (await wire("DELETE", f"P/schema-metadata/{parts[index]['id']}"))[0] == 200
    assert [item["id"] for item in (await wire("GET", "P/schema-metadata"))[1]["items"]] == [other["id"]]


async def test_bulk_delete_of_all_parts_fails_for_none(wire: Wire):
    parts = await wire.made("P/schema-metadata", body(table(20)))
    ids = [part["id"] for part in parts]
    reply = await wire("POST", "P/schema-metadata/bulk-delete", {"ids": [*ids, "none"]})
    assert reply == (200, {"deleted_count": 3, "failed_ids": ["none"]})


async def test_a_part_read_and_changed_keeps_the_columns_of_all(wire: Wire):
    parts = await wire.made("P/schema-metadata", body(table(20)))
    part = (await wire("GET", f"P/schema-metadata/{parts[1]['id']}"))[1]
    status, replaced = await wire("PUT", f"P/schema-metadata/{part['id']}", {**part, "description": "new"})
    assert status == 200
    assert columns(replaced) == columns(parts)
    assert [item["id"] for item in replaced] == [item["id"] for item in parts]
    assert {item["description"] for item in replaced} == {"new"}


@pytest.mark.parametrize(("before", "index", "after"), [(3, 0, 20), (20, 0, 30), (20, 2, 9), (20, 2, 3), (20, 1, 8)])
async def test_a_new_table_replaces_the_whole_group(wire: Wire, before, index, after):
    parts = await wire.made("P/schema-metadata", body(table(before)))
    addressed = parts[index]["id"]
    status, reply = await wire("PUT", f"P/schema-metadata/{addressed}", body(table(after, "new")))
    assert status == 200
    assert isinstance(reply, list) is (after > 8)
    replaced = reply if isinstance(reply, list) else [reply]
    assert columns(replaced) == [f"new{n}" for n in range(after)]
    assert addressed in {part["id"] for part in replaced}
    assert {part["total_splits"] for part in replaced} == {len(replaced) if after > 8 else None}
    listed = (await wire("GET", "P/schema-metadata"))[1]
    assert {part["id"] for part in listed["items"]} == {part["id"] for part in replaced}


@pytest.mark.parametrize(
    "data",
    [
        table(3),
        {"table": {"dimension": {"name": "region", "content": {"eu": "Europe"}}}},
        {"table": {"metric": {"content": {}}}},
        {"relationship": {}},
    ],
)
async def test_the_four_kinds_are_stored_as_sent(wire: Wire, data):
    (made,) = await wire.made("P/schema-metadata", body(data))
    assert made["schema_data"] == data


@pytest.mark.parametrize(
    ("data", "places"),
    [
        (None, [[]]),
        ([], [[]]),
        ({}, [[]]),
        ({"table": []}, [["table"]]),
        ({"table": {}}, [["table"]]),
        ({"table": {"columns": {}}}, [["table", "columns"]]),
        ({"table": {"columns": [1, {}, None]}}, [["table", "columns", 0], ["table", "columns", 2]]),
        ({"table": {"dimension": 1}}, [["table", "dimension"]]),
        ({"table": {"dimension": {}}}, [["table", "dimension", "content"]]),
        ({"table": {"metric": {"content": []}}}, [["table", "metric", "content"]]),
        ({"relationship": "x"}, [["relationship"]]),
    ],
)
async def test_what_is_none_of_the_kinds_is_refused(wire: Wire, data, places):
    status, reply = await wire("POST", "P/schema-metadata", body(data))
    assert status == 422
    assert [problem["loc"] for problem in reply["detail"]] == [["body", "schema_data", *place] for place in places]


async def test_a_number_that_json_cannot_hold_is_refused(wire: Wire):
    text = b'{"name": "n", "schema_data": {"relationship": {"x": 1e999}}}'
    status, reply = await wire("POST", "P/schema-metadata", data=text)
    assert (status, reply["detail"][0]["type"]) == (422, "finite_number")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["table", "columns", "dimension", "metric", "content", "relationship"]), inner, max_size=3
        )
    ),
)


@given(json_values)
def test_any_data_is_accepted_or_refused_with_a_place(data):
    problems = check_schema_data(data)
    assert all(found["loc"][:2] == ["body", "schema_data"] and found["msg"] for found in problems)
    if not problems:
        parts = split_columns(data)
        rows = [
            {"id": str(n), "split_group_id": "g" if len(parts) > 1 else None, "split_index": n, "schema_data": part}
            for n, part in enumerate(parts)
        ]
        assert [row["schema_data"] for row in join_parts(rows)] == [data]


@given(st.integers(0, 60))
def test_split_and_whole_are_inverse(count):
    parts = split_columns(table(count))
    rows = [
        {"id": str(n), "split_group_id": "g", "split_index": n, "schema_data": part} for n, part in enumerate(parts)
    ]
    assert [row["schema_data"] for row in join_parts(reversed(rows))] == [table(count)]
