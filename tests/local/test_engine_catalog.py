"""What is read out of schema metadata: kinds of columns, their values, keys and links."""

from __future__ import annotations

from typing import Any

import pytest

from text2everything.local.engine._catalog import BOOL, DATE, NUMBER, TEXT, Catalog, Column, build_catalog


def _catalog(*tables: dict[str, Any], **more: Any) -> Catalog:
    return build_catalog([*((t["name"], {"table": t}) for t in tables), *(("more", {k: v}) for k, v in more.items())])


def _column(**spec: Any) -> Column:
    return _catalog({"name": "t", "columns": [spec]}).tables[0].columns[0]


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ({"name": "a", "type": "INTEGER"}, NUMBER),
        ({"name": "a", "type": "decimal(10, 2)"}, NUMBER),
        ({"name": "a", "type": "DOUBLE PRECISION"}, NUMBER),
        ({"name": "a", "type": "NUMBER(38,0)"}, NUMBER),
        ({"name": "a", "type": "timestamp with time zone"}, DATE),
        ({"name": "a", "type": "DateTime2"}, DATE),
        ({"name": "a", "type": "varchar(20)"}, TEXT),
        ({"name": "a"}, TEXT),
        ({"name": "created_at", "type": "text"}, DATE),
        ({"name": "birth date"}, DATE),
        ({"name": "at", "type": "text"}, TEXT),
        ({"name": "a", "type": "BOOLEAN"}, BOOL),
        ({"name": "a", "type": "bit"}, BOOL),
        ({"name": "is_open", "type": "int"}, BOOL),
        ({"name": "active", "type": "tinyint"}, BOOL),
        ({"name": "enabled"}, BOOL),
        ({"name": "a", "type": "int", "values": [0, 1]}, BOOL),
        ({"name": "a", "type": "int", "description": "1 if it is open, else 0"}, BOOL),
        ({"name": "a", "type": "int", "values": [0, 1, 2]}, NUMBER),
        ({"name": "a", "type": "char(1)", "values": ["Y", "N"]}, BOOL),
        ({"name": "a", "type": "char(1)", "values": [True, False]}, TEXT),
    ],
)
def test_kinds(spec: dict[str, Any], kind: str) -> None:
    assert _column(**spec).kind == kind


@pytest.mark.parametrize(
    ("spec", "values"),
    [
        ({"values": ["a", "b", "a"]}, ("a", "b")),
        ({"enum": "a, b; c|d"}, ("a", "b", "c", "d")),
        ({"allowed_values": {"a": "first", "b": "second"}}, ("a", "b")),
        ({"values": [{"value": "a", "label": "A"}, {"name": "b"}, None, []]}, ("a", "b")),
        ({"type": "ENUM('a','b')"}, ("a", "b")),
        ({"description": "Either 'a' or 'b b'."}, ("a", "b b")),
        ({"description": "One of open, closed or lost"}, ("open", "closed", "lost")),
        ({"description": "open/closed/lost"}, ("open", "closed", "lost")),
        ({"description": "Usually 'a'"}, ("a",)),
        ({"description": "One of the many things that one could say about anything"}, ()),
        ({"description": "Nothing of the kind"}, ()),
        ({"values": 5}, ()),
    ],
)
def test_values(spec: dict[str, Any], values: tuple[str, ...]) -> None:
    assert _column(name="x", **spec).values == values


def test_a_dimension_tells_values_and_other_names() -> None:
    content = {"type": "categorical", "values": ["a", "b"], "synonyms": ["flavour"]}
    people = {"name": "people", "columns": [{"name": "id"}, {"name": "taste"}]}
    for dimension in (
        {"table": {"name": "people", "dimension": {"name": "taste", "content": content}}},
        {"table": {"dimension": {"name": "preference", "content": {**content, "column": "taste"}}}},
    ):
        catalog = build_catalog([("p", {"table": people}), ("d", dimension)])
        taste = catalog.tables[0].columns[1]
        assert taste.values == ("a", "b")
        assert ("flavour",) in taste.aliases


def test_parts_of_a_table_are_merged() -> None:
    catalog = build_catalog(
        [
            ("1", {"table": {"name": "T", "columns": [{"name": "a"}]}}),
            ("2", {"table": {"name": "t", "columns": [{"name": "A"}, {"name": "b"}], "description": "Things"}}),
        ]
    )
    (table,) = catalog.tables
    assert [c.name for c in table.columns] == ["a", "b"]
    assert (table.schema_id, table.description) == ("1", "Things")


def test_other_shapes_of_tables() -> None:
    catalog = build_catalog(
        [
            ("1", {"name": "bare", "columns": ["a", "b"]}),
            ("2", {"tables": [{"table_name": "listed", "columns": [{"column_name": "c"}, 7, None]}]}),
            ("3", {"table": {"columns": [{"name": "of no table"}]}}),
            ("4", {"table": "no table"}),
        ]
    )
    assert {t.name: [c.name for c in t.columns] for t in catalog.tables} == {"bare": ["a", "b"], "listed": ["c"]}


A = {"name": "makers", "columns": [{"name": "maker_id", "type": "int"}, {"name": "label"}]}
B = {"name": "cars", "columns": [{"name": "nr", "type": "int"}, {"name": "made_by", "type": "int"}]}


_MAKERS, _CARS = ("makers", "maker_id"), ("cars", "made_by")


def _ends(one: tuple[str, str], other: tuple[str, str], **more: str) -> dict[str, str]:
    return {"from_table": one[0], "from_column": one[1], "to_table": other[0], "to_column": other[1], **more}


@pytest.mark.parametrize(
    "relationship",
    [
        _ends(_MAKERS, _CARS, type="one_to_many"),
        _ends(_CARS, _MAKERS, type="many-to-one"),
        _ends(_CARS, _MAKERS),
        {"source_table": "cars", "source_column": "made_by", "target_table": "makers", "type": "N:1"},
        {"from": "makers.maker_id", "to": "cars.made_by", "type": "1:n"},
        {"join_condition": "cars.made_by = makers.maker_id"},
    ],
)
def test_relationships_by_whatever_name(relationship: dict[str, str]) -> None:
    catalog = _catalog(A, B, relationship=relationship)
    ((link),) = catalog.links
    assert (link.child.ref, link.parent.ref) == ("cars.made_by", "makers.maker_id")


@pytest.mark.parametrize(
    "relationship",
    [
        {},
        5,
        {"from_table": "cars", "to_table": "gone"},
        {"from_table": "cars", "from_column": "nothing", "to_table": "cars"},
        {"condition": "makes no sense"},
        {"from_table": "makers", "to_table": "cars", "type": "one_to_many"},
    ],
)
def test_relationships_that_lead_nowhere(relationship: object) -> None:
    assert _catalog(A, B, relationship=relationship).links == ()


@pytest.mark.parametrize(
    "key",
    [
        {"references": "makers.maker_id"},
        {"references": "makers(maker_id)"},
        {"foreign_key": {"table": "makers", "column": "maker_id"}},
        {"fk": "makers"},
    ],
)
def test_keys_stated_by_columns(key: dict[str, Any]) -> None:
    cars = {"name": "cars", "columns": [{"name": "nr"}, {"name": "made_by", **key}]}
    ((link),) = _catalog(A, cars).links
    assert (link.child.ref, link.parent.ref) == ("cars.made_by", "makers.maker_id")


def test_keys_stated_by_tables() -> None:
    keys = [{"from_column": "made_by", "to_table": "makers", "to_column": "maker_id"}, "nonsense"]
    ((link),) = _catalog(A, {**B, "foreign_keys": keys}).links
    assert (link.child.ref, link.parent.ref) == ("cars.made_by", "makers.maker_id")


def test_keys_told_by_their_names() -> None:
    catalog = _catalog(
        {"name": "tbl_customers", "columns": ["id", "name"]},
        {"name": "dept", "columns": ["dept_id"]},
        {"name": "visits", "columns": ["id", "customer_id", "billing_client_id", "department_id", "tour_id"]},
    )
    assert {(link.child.name, link.parent.ref) for link in catalog.links} == {
        ("customer_id", "tbl_customers.id"),
        ("billing_client_id", "tbl_customers.id"),
        ("department_id", "dept.dept_id"),
    }


def test_paths_go_from_the_many_to_the_one() -> None:
    catalog = _catalog(
        {"name": "a", "columns": ["a_id"]},
        {"name": "b", "columns": ["b_id", "a_id"]},
        {"name": "c", "columns": ["c_id", "b_id"]},
        {"name": "d", "columns": ["d_id"]},
    )
    (path,) = catalog.paths("c", "a")
    assert [step.here.ref for step in path] == ["c.b_id", "b.a_id"]
    assert all(step.up for step in path)
    (back,) = catalog.paths("a", "c")
    assert not any(step.up for step in back)
    assert catalog.paths("a", "d") == []


def test_two_foreign_keys_to_one_table_are_two_paths() -> None:
    catalog = _catalog(
        {"name": "ports", "columns": ["port_id"]},
        {
            "name": "trips",
            "columns": [
                "trip_id",
                *({"name": f"{end}_id", "references": "ports.port_id"} for end in ("start", "end")),
            ],
        },
    )
    assert [path[0].here.name for path in catalog.paths("trips", "ports")] == ["start_id", "end_id"]


def test_a_table_may_reference_itself() -> None:
    staff = {"name": "staff", "columns": ["staff_id", {"name": "manager_id", "references": "staff.staff_id"}]}
    ((link),) = _catalog(staff).links
    assert (link.child.ref, link.parent.ref) == ("staff.manager_id", "staff.staff_id")


def test_what_a_table_is_shown_and_summed_up_by() -> None:
    (table,) = _catalog(
        {
            "name": "fact_sales",
            "columns": [
                {"name": "sale_id", "type": "int"},
                {"name": "updated_at", "type": "date"},
                {"name": "sold_on", "type": "date"},
                {"name": "quantity", "type": "int"},
                {"name": "net_amount", "type": "float"},
                {"name": "year", "type": "int"},
                {"name": "sale_title", "type": "text"},
            ],
        }
    ).tables
    assert table.words == ("sale",)
    assert table.primary_key is table.column("SALE_ID")
    assert [c.name for c in table.columns if c.is_measure] == ["quantity", "net_amount"]
    assert [c.name for c in table.labels] == ["sale_title"]


def test_first_and_last_names_make_a_label() -> None:
    (table,) = _catalog({"name": "people", "columns": ["id", "first_name", "last_name", "email"]}).tables
    assert [c.name for c in table.labels] == ["first_name", "last_name"]


def test_what_only_has_the_same_parent_is_not_related() -> None:
    catalog = _catalog(
        {"name": "towns", "columns": ["town_id"]},
        {"name": "doctors", "columns": ["doctor_id", "town_id"]},
        {"name": "patients", "columns": ["patient_id", "town_id"]},
        {"name": "visits", "columns": ["doctor_id", "patient_id"]},
    )
    (path,) = catalog.paths("doctors", "patients")
    assert [step.there.table for step in path] == ["visits", "patients"]
    assert [step.there.table for step in catalog.paths("towns", "visits")[0]] in (
        ["doctors", "visits"],
        ["patients", "visits"],
    )
    without_visits = _catalog(
        {"name": "towns", "columns": ["town_id"]},
        {"name": "doctors", "columns": ["doctor_id", "town_id"]},
        {"name": "patients", "columns": ["patient_id", "town_id"]},
    )
    assert without_visits.paths("doctors", "patients") == []
