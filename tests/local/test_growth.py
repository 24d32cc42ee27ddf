"""Projects with more items than the engine is given, and more executions than a lookup compares."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from text2everything.local import _tables as tables
from text2everything.local._execution_cache import look_up
from text2everything.local._search_terms import asked_terms, question_terms, schema_terms, text_terms
from text2everything.local._store import Store
from text2everything.local._word_index import most_shared
from text2everything.local.engine import Draft

from .conftest import ScriptedEngine, Wire

FRUIT = [
    "apple",
    "banana",
    "cherry",
    "date",
    "elderberry",
    "fig",
    "grape",
    "hazelnut",
    "jujube",
    "kiwi",
    "lemon",
    "mango",
    "nectarine",
    "orange",
    "papaya",
]
MANY = [f"{fruit}_{number}" for fruit in FRUIT for number in range(10)]


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


def add_executions(store: Store, questions: list[str]) -> tuple[str, str, list[str]]:
    """Add a project with a connector, and a successful execution for each question."""
    project = store.insert(tables.PROJECTS, None, {"name": "p"})["id"]
    values = {"name": "c", "db_type": "sqlite", "database": "x"}
    connector = store.insert(tables.CONNECTORS, project, values)["id"]
    return project, connector, [add_execution(store, project, connector, question) for question in questions]


def add_execution(store: Store, project: str, connector: str, question: str, **more: Any) -> str:
    message = store.insert(tables.CHAT_MESSAGES, project, {"user_query": question})["id"]
    values = {"connector_id": connector, "chat_message_id": message, "sql_query": "SELECT 1", "execution_time_ms": 1}
    return str(store.insert(tables.EXECUTIONS, project, {**values, "is_successful": True, **more})["id"])


async def found_by(store: Store, project: str, connector: str, question: str, **more: Any) -> tuple[list[str], int]:
    request = {"user_query": question, "connector_id": connector, "max_age_days": 30, "similarity_threshold": 0.65}
    request |= {"limit": 50, "top_n": 5, "only_positive_feedback": False, **more}
    found = await look_up(store, project, request)
    return [match["execution"]["id"] for match in found["matches"]], found["candidates_checked"]


async def test_an_old_execution_is_found_among_many_newer_ones(store):
    others = [f"How many {name} were sold on day {number}?" for number, name in enumerate(MANY * 5)]
    project, connector, made = add_executions(store, ["Average weight of the elderberry crates", *others])
    assert await found_by(store, project, connector, "average weight of elderberry crates") == ([made[0]], 50)
    assert (await found_by(store, project, connector, others[3]))[0][0] == made[4]


async def test_common_words_together_find_what_none_of_them_finds_alone(store):
    words = ["crate", "weight", "elderberry"]
    others = [f"Total {a} of {b}" for a in words for b in words if a != b] * 40
    project, connector, made = add_executions(store, ["Total crate weight of elderberry", *others])
    assert (await found_by(store, project, connector, "total crate weight of elderberry"))[0][0] == made[0]


async def test_rated_ones_are_found_among_many_unrated(store):
    project, connector, made = add_executions(store, ["Number of figs", "Number of kiwis", *["Number of figs"] * 300])
    (message,) = store.fetch_one("SELECT chat_message_id FROM executions WHERE id = ?", made[0])
    rating = {"chat_message_id": message, "execution_id": made[0], "feedback": "x", "is_positive": True}
    rating_id = store.insert(tables.FEEDBACK, project, rating)["id"]
    assert await found_by(store, project, connector, "number of figs", only_positive_feedback=True) == ([made[0]], 1)
    store.delete(tables.FEEDBACK, project, rating_id)
    assert await found_by(store, project, connector, "number of figs", only_positive_feedback=True) == ([], 0)
    # A rating need not be of the message of its execution.
    (other,) = store.fetch_one("SELECT chat_message_id FROM executions WHERE id = ?", made[1])
    store.insert(tables.FEEDBACK, project, {**rating, "chat_message_id": other})
    assert await found_by(store, project, connector, "number of figs", only_positive_feedback=True) == ([made[0]], 1)


async def test_what_is_old_does_not_take_the_place_of_what_is_not(store):
    project, connector, made = add_executions(store, ["Number of figs"] * 300)
    long_ago = (dt.datetime.now(dt.UTC) - dt.timedelta(days=40)).isoformat(timespec="microseconds")
    store.execute("UPDATE executions SET created_at = ? WHERE seq <= 290", long_ago)
    found, checked = await found_by(store, project, connector, "number of figs", limit=200, top_n=200)
    assert (sorted(found), checked) == (sorted(made[290:]), 10)
    assert (await found_by(store, project, connector, "number of figs", max_age_days=41, limit=200))[1] == 200
    assert await found_by(store, project, connector, "number of figs", max_age_days=0) == ([], 0)


async def test_other_connectors_and_failures_are_not_found(store):
    project, connector, _ = add_executions(store, ["Number of figs"])
    other_project, other, _ = add_executions(store, ["Number of figs"] * 100)
    add_execution(store, project, connector, "Number of kiwis", is_successful=False)
    assert (await found_by(store, project, connector, "number of figs"))[1] == 1
    assert (await found_by(store, project, connector, "number of kiwis", similarity_threshold=0))[1] == 1
    assert (await found_by(store, project, other, "number of figs")) == ([], 0)
    assert (await found_by(store, other_project, other, "number of figs"))[1] == 50


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("顧客の一覧を見せて", "顧客テーブルの説明"),
        ("อยากเห็นลูกค้า", "ตารางลูกค้าทั้งหมด"),
        ("how many clients", "The customers of the shop"),
        ("order items", "OrderItems"),
        ("order items", "one row in orderitems"),
        ("inactive users", "status: active"),
        ("what did we ship", "status is shipped"),
        ("German customers", "country, such as Germany"),
        ("Größe der Läden", "LÄDEN"),
        ("straße", "STRASSE"),
        ("qty by dept", "quantity per department"),
    ],
)
async def test_texts_are_found_by_what_people_say(store, question, text):
    project = store.insert(tables.PROJECTS, None, {"name": "p"})["id"]
    for content in (text, "something else", "nothing of it"):
        store.insert(tables.CONTEXTS, project, {"name": "n", "content": content, "is_always_displayed": False})
    assert await most_shared(store, "contexts_words", asked_terms(project, question), 1) == [1]


def test_terms_are_words_after_the_start_of_the_id():
    assert question_terms("0123456789", "List the active customers!") == ["01234567:active", "01234567:customer"]
    assert text_terms("0123456789", "???") == []
    assert question_terms("0123456789", "??? !!!") == ["01234567:==="]
    assert "01234567:to=customer" in schema_terms(
        "0123456789", "n", None, '{"table": {"name": "orders", "columns": [{"name": "billing_customer_id"}]}}'
    )


def test_an_item_of_any_size_is_indexed(store):
    project = store.insert(tables.PROJECTS, None, {"name": "p"})["id"]
    long = "word " * 50_000 + " ".join(f"w{number}" for number in range(50_000))
    for content in (long, "x" * 1_000_000, "\0", "", "☃ ☃"):
        store.insert(tables.CONTEXTS, project, {"name": "n", "content": content, "is_always_displayed": False})
    store.indexer.index_all()
    assert store.fetch_one("SELECT count(*) FROM contexts_words") == (5,)
    assert store.fetch_one("SELECT count(*) FROM unindexed") == (0,)


async def test_changed_and_deleted_items_change_the_index(store):
    project = store.insert(tables.PROJECTS, None, {"name": "p"})["id"]
    made = [
        store.insert(tables.CONTEXTS, project, {"name": "n", "content": "figs", "is_always_displayed": False})["id"]
        for _ in range(100)
    ]
    store.update(tables.CONTEXTS, project, made[7], {"content": "plums"})
    assert await most_shared(store, "contexts_words", text_terms(project, "plum"), 10) == [8]
    assert 8 not in await most_shared(store, "contexts_words", text_terms(project, "fig"), 100)
    for item in made:
        store.delete(tables.CONTEXTS, project, item)
    assert store.fetch_all("SELECT rowid FROM contexts_words") == []
    assert store.fetch_all("SELECT * FROM unindexed") == []


# What the engine is given


def table(name: str, *columns: str, **more: Any) -> dict[str, Any]:
    return {"table": {"name": name, "columns": [{"name": column, "type": "text"} for column in columns], **more}}


async def add_tables(wire: Wire, engine: ScriptedEngine, schemas: list[dict[str, Any]]) -> str:
    for number, schema in enumerate(schemas):
        name = schema.get("table", {}).get("name", f"schema {number}")
        await wire.made("P/schema-metadata", {"name": name, "schema_data": schema})
    engine.asked.clear()
    return str((await wire.made("P/chat-sessions", {}))["id"])


async def given(wire: Wire, engine: ScriptedEngine, session: str, question: str) -> dict[str, Any]:
    await wire.made(f"P/chat-sessions/{session}/chat-to-sql", {"query": question})
    return engine.asked[-1]


def names(asked: dict[str, Any]) -> set[str]:
    return {data["table"]["name"] for _, data in asked["schemas"] if "table" in data}


async def test_of_few_items_the_engine_gets_all(wire: Wire, engine):
    session = await add_tables(wire, engine, [table(name, "id") for name in MANY[:100]])
    assert names(await given(wire, engine, session, "How many papayas?")) == set(MANY[:100])


async def test_of_many_tables_the_engine_gets_those_in_question_and_what_they_belong_to(wire: Wire, engine):
    wide = table("shipments", *(f"column_{number}" for number in range(20)), "weight_in_tons")
    schemas = [
        *(table(name, "id", "colour") for name in MANY),
        table("crates", "id", "shipment_id", "harbour_id"),
        wide,
        table("harbours", "id", "town"),
        table("lighthouses", "id", "keeper", synonyms=["beacons"]),
        {
            "relationship": {
                "from_table": "lighthouses",
                "from_column": "id",
                "to_table": "islands",
                "to_column": "id",
            }
        },
        table("islands", "id", "area"),
    ]
    session = await add_tables(wire, engine, schemas)
    await wire.made(
        "P/schema-metadata", {"name": "x", "schema_data": table("pinned", "id"), "is_always_displayed": True}
    )
    asked = await given(wire, engine, session, "How many crates are there?")
    assert {"crates", "shipments", "harbours", "pinned"} <= names(asked)
    assert len(asked["schemas"]) < 40
    (whole,) = [data for _, data in asked["schemas"] if data.get("table", {}).get("name") == "shipments"]
    assert whole == wide
    asked = await given(wire, engine, session, "Show all beacons")
    assert {"lighthouses", "islands"} <= names(asked)
    assert any("relationship" in data for _, data in asked["schemas"])
    # The table that connects the two in question is not named in it.
    assert "crates" in names(await given(wire, engine, session, "Which shipments went to which harbours?"))
    assert "shipments" in names(await given(wire, engine, session, "total weight in tons"))


async def test_what_a_context_defines_brings_its_table(wire: Wire, engine):
    session = await add_tables(wire, engine, [*(table(name, "id") for name in MANY), table("vessels", "id", "flag")])
    for number in range(120):
        await wire.made("P/contexts", {"name": f"rule {number}", "content": f"Fruit {number} is eaten"})
    await wire.made("P/contexts", {"name": "ghosts", "content": "Ghosts are vessels with flag = 'none'"})
    asked = await given(wire, engine, session, "How many ghosts?")
    assert "Ghosts are vessels with flag = 'none'" in [text for _, text in asked["contexts"]]
    assert len(asked["contexts"]) < 40
    assert "vessels" in names(asked)


async def test_of_many_examples_and_ratings_the_engine_gets_the_similar_ones(wire: Wire, engine, database):
    session = await add_tables(wire, engine, [table("vessels", "id")])
    for number in range(120):
        await wire.made("P/golden-examples", {"user_query": f"Total of {MANY[number]}", "sql_query": "SELECT 1"})
    await wire.made("P/golden-examples", {"user_query": "Which ghosts are near?", "sql_query": "SELECT 2"})
    connector = (await wire.connector(database))["id"]
    first = await wire.execution(connector, "SELECT 'a rated lighthouse'")
    await wire.rate(first, good=False)
    for number in range(120):
        await wire.rate(await wire.execution(connector, f"SELECT {number}"), good=True)
    asked = await given(wire, engine, session, "which ghosts are near")
    assert "SELECT 2" in [example.sql for example in asked["examples"]]
    assert len(asked["examples"]) <= 70
    asked = await given(wire, engine, session, "SELECT 'a rated lighthouse'")
    assert [(answer.sql, answer.positive) for answer in asked["rated"] if "lighthouse" in answer.sql] == [
        ("SELECT 'a rated lighthouse'", False)
    ]
    assert len(asked["rated"]) <= 70


async def test_an_engine_that_is_asked_for_nothing_still_answers(wire: Wire, engine):
    session = await add_tables(wire, engine, [table(name, "id") for name in MANY])
    engine.answers["???"] = Draft(None, "What?")
    assert (await given(wire, engine, session, "???"))["schemas"] == []
