"""The demo: a project about a small shop, with a database to ask about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from text2everything.local._demo_database import create_database
from text2everything.local._demo_project import CONTEXTS, GOLDEN_EXAMPLES, schemas
from text2everything.local._private_files import make_private_directory
from text2everything.local._seeder import Seeder
from text2everything.local._tables import CHAT_SESSIONS, CONNECTORS, PROJECTS

if TYPE_CHECKING:
    import datetime as dt

    from text2everything.local._store import Store

_SETTING = "demo"


@attrs.frozen
class Demo:
    """The ids of the demo project, of the connector to its database, and of a chat session in it."""

    project_id: str
    connector_id: str
    chat_session_id: str


def find_or_create_demo(store: Store, directory: Path) -> Demo:
    """Return the demo in a store, or create it if the store has none or a part of it was deleted.

    Args:
        store: The store of the service.
        directory: The directory of the demo's database, created if it is missing.
    """
    setting = store.get_setting(_SETTING)
    if setting is not None:
        demo = Demo(**json.loads(setting))
        if _is_complete(store, demo) and directory.exists():
            _update_database_path(store, demo, directory)
            return demo
    make_private_directory(directory)
    with store.transaction():
        demo = create_demo(Seeder(store), directory)
        store.set_setting(_SETTING, json.dumps(attrs.asdict(demo)))
    return demo


def create_demo(seeder: Seeder, directory: Path, *, today: dt.date | None = None) -> Demo:
    """Create the demo project, and its database `shop.sqlite3` unless that exists.

    Args:
        seeder: Writes the project to a store.
        directory: The directory of the database, which must exist.
        today: The date of the last order, so that "last 30 days" has an answer; by default today.
    """
    database = directory / "shop.sqlite3"
    create_database(database, today=today)
    project_id = seeder.project("Demo shop", "A small shop: customers, users, products and two years of orders")
    connector_id = seeder.connector(project_id, "Shop database", db_type="sqlite", database=database)
    for name, schema_data, description in schemas():
        seeder.schema(project_id, name, schema_data, description)
    for name, content in CONTEXTS:
        seeder.context(project_id, name, content)
    for question, sql in GOLDEN_EXAMPLES:
        seeder.golden_example(project_id, question, sql)
    return Demo(project_id, connector_id, seeder.session(project_id, "Demo session"))


def _is_complete(store: Store, demo: Demo) -> bool:
    return (
        store.exists(PROJECTS, None, demo.project_id)
        and store.exists(CONNECTORS, demo.project_id, demo.connector_id)
        and store.exists(CHAT_SESSIONS, demo.project_id, demo.chat_session_id)
    )


def _update_database_path(store: Store, demo: Demo, directory: Path) -> None:
    """Correct the path in the demo's connector if the data_dir was moved."""
    connector = store.get(CONNECTORS, demo.project_id, demo.connector_id) or {}
    path = directory / Path(connector["database"]).name
    if str(path) != connector["database"] and path.exists():
        store.update(CONNECTORS, demo.project_id, demo.connector_id, {"database": str(path)})
