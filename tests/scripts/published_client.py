"""Call every public method of the published client, h2o-text-2-everything, against the embedded service.

usage: with_demo.py PYTHON published_client.py, where PYTHON has that package, httpx and pydantic.

Each listing has more than 100 items, all of which must arrive, with few requests: a client that takes every page for
the first never ends. A method that is not called here makes the script fail.
"""

from __future__ import annotations

import contextlib
import faulthandler
import inspect
import io
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from text2everything_sdk import Text2EverythingClient, exceptions
from text2everything_sdk.models.custom_tools import CustomToolUpdate
from text2everything_sdk.resources.base import BaseResource

COUNT = 110
MOST_PAGES = 10  # that one call reads: a listing takes one request for every 50 items
MOST_SECONDS = 120
NOWHERE = "00000000-0000-0000-0000-000000000000"
TABLE = {"table": {"name": "orders", "columns": [{"name": "id", "type": "integer"}]}}
WIDE_TABLE = {"table": {"name": "wide", "columns": [{"name": f"c{n}", "type": "integer"} for n in range(20)]}}


class Requests:
    """Counts the requests, and ends a call that reads page after page."""

    def __init__(self) -> None:
        self.sent = self.read = 0

    def __call__(self, request: Any) -> None:
        self.sent += 1
        self.read += request.method == "GET"
        assert self.read <= MOST_PAGES, f"more than {MOST_PAGES} requests for one listing: {request.url}"


class Watched:
    """A resource that remembers which of its methods this script has called."""

    def __init__(self, resource: BaseResource, requests: Requests) -> None:
        self._resource = resource
        self._requests = requests
        self._called: set[str] = set()
        self._public = {
            name for name, _ in inspect.getmembers(type(resource), inspect.isfunction) if not name.startswith("_")
        }

    def __getattr__(self, name: str) -> Any:
        self._called.add(name)
        self._requests.read = 0
        return getattr(self._resource, name)

    def count_methods(self) -> int:
        missed = self._public - self._called
        assert not missed, f"{type(self._resource).__name__}: not called: {', '.join(sorted(missed))}"
        return len(self._public)


def check_all(listed: list[Any], made: list[Any], *, nothing_else: bool = True) -> int:
    """Check that every item made is listed, once, and return how many are listed."""
    ids = [item.id for item in listed]
    assert len(ids) > 100
    assert len(ids) == len(set(ids)), "an item is listed twice"
    expected = {item.id for item in made}
    assert expected <= set(ids), f"{len(expected - set(ids))} items are not listed"
    assert not nothing_else or expected == set(ids)
    return len(ids)


@contextlib.contextmanager
def refused(kind: type[Exception], message: str) -> Any:
    """Check that the block fails with what the service says, not with the client's text for errors without any."""
    try:
        yield
    except kind as error:
        said = str(error)
    else:
        said = "nothing"
    assert message in said, said


class Walk:
    """The calls, one method for each resource. `self.project` is a project of its own; `self.demo` is the demo's."""

    def __init__(self, client: Text2EverythingClient, requests: Requests, files: Path) -> None:
        self.resources = {
            name: Watched(resource, requests)
            for name, resource in vars(client).items()
            if isinstance(resource, BaseResource)
        }
        self.project = client.projects.create("published").id
        self.demo = os.environ["T2E_PROJECT_ID"]
        self.connector = os.environ["T2E_CONNECTOR_ID"]
        self.session = os.environ["T2E_CHAT_SESSION_ID"]
        self.files = files
        (self.files / "tool.py").write_text("print('a tool')\n")

    def projects(self, projects: Any) -> int:
        made = [projects.create(f"many {n}") for n in range(COUNT)]
        count = check_all(projects.list(), made, nothing_else=False)
        assert check_all(projects.list(search="MANY"), made) == COUNT
        first = made[0]
        assert projects.get(first.id) == first
        assert projects.update(first.id, name="renamed").description is None
        assert projects.get_by_name("renamed").id == first.id
        assert projects.get_by_name(f"many {COUNT - 1}").id == made[-1].id
        assert projects.exists(first.id)
        assert "deleted" in projects.delete(first.id)["message"]
        assert not projects.exists(first.id)
        with refused(exceptions.NotFoundError, f"Project {first.id} not found"):
            projects.get(first.id)
        with refused(exceptions.Text2EverythingError, "body.name: "):
            projects.create("")
        collections = projects.list_collections(self.demo)
        assert {"contexts", "examples", "schema_metadata"} <= {each.component_type for each in collections}
        assert projects.get_collection_by_type(self.demo, "contexts") in collections
        return count

    def contexts(self, contexts: Any) -> int:
        given = [{"name": f"context {n}", "content": "Text"} for n in range(COUNT)]
        made = contexts.bulk_create(self.project, given, use_connection_isolation=False)
        made += contexts.bulk_create(self.project, [{"name": f"isolated {n}", "content": "Text"} for n in range(3)])
        made.append(contexts.create(self.project, "shown", "Text", is_always_displayed=True))
        count = check_all(contexts.list(self.project), made)
        assert check_all(contexts.list(self.project, per_page=7, search="CONTEXT"), made[:COUNT]) == COUNT
        assert contexts.list(self.project, is_always_displayed=True) == [made[-1]]
        assert contexts.list_always_displayed(self.project) == [made[-1]]
        assert contexts.get(self.project, made[0].id).name == "context 0"
        changed = contexts.update(self.project, made[0].id, content="New")
        assert (changed.name, changed.content, changed.description) == ("context 0", "New", None)
        assert contexts.get_by_name(self.project, "isolated 2").id == made[COUNT + 2].id
        assert "deleted" in contexts.delete(self.project, made[0].id)["message"]
        deleted = contexts.bulk_delete(self.project, [made[0].id, made[1].id])
        assert deleted == {"deleted_count": 1, "failed_ids": [made[0].id]}
        return count

    def schema_metadata(self, schemas: Any) -> int:
        given = [{"name": f"schema {n}", "schema_data": TABLE} for n in range(COUNT)]
        made = schemas.bulk_create(self.project, given, use_connection_isolation=False)
        made.append(schemas.create(self.project, "shown", {"relationship": {}}, is_always_displayed=True))
        parts = schemas.create(self.project, "wide", WIDE_TABLE)
        assert [part.split_index for part in parts] == [1, 2, 3]
        made += parts
        count = check_all(schemas.list(self.project), made)
        assert check_all(schemas.list(self.project, search="SCHEMA"), made[:COUNT]) == COUNT
        assert schemas.list(self.project, is_always_displayed=True) == [made[COUNT]]
        assert schemas.list_always_displayed(self.project) == [made[COUNT]]
        assert len(schemas.list_by_type(self.project, "table")) == COUNT + 3
        assert schemas.get(self.project, made[0].id).schema_data == TABLE
        assert schemas.update(self.project, made[0].id, description="New").description == "New"
        group = schemas.get_split_group(self.project, parts[0].split_group_id)
        assert (group["total_parts"], group["parts"]) == (3, parts)
        assert schemas.validate_schema(TABLE, "table") == []
        assert schemas.get_schema_type(TABLE) == "table"
        assert schemas.delete(self.project, parts[1].id) is True
        assert schemas.bulk_delete(self.project, [made[0].id])["deleted_count"] == 1
        assert len(schemas.list(self.project)) == count - 4
        return count

    def golden_examples(self, examples: Any) -> int:
        given = [{"user_query": f"Question {n}?", "sql_query": f"SELECT {n}"} for n in range(COUNT)]
        made = examples.bulk_create(self.project, given, use_connection_isolation=False)
        made.append(examples.create(self.project, "Shown?", "SELECT 1", is_always_displayed=True))
        count = check_all(examples.list(self.project), made)
        assert check_all(examples.list(self.project, search="QUESTION"), made[:COUNT]) == COUNT
        assert check_all(examples.search_by_query(self.project, "question"), made[:COUNT]) == COUNT
        assert examples.list(self.project, is_always_displayed=True) == [made[-1]]
        assert examples.list_always_displayed(self.project) == [made[-1]]
        assert examples.get(self.project, made[0].id).sql_query == "SELECT 0"
        assert examples.update(self.project, made[0].id, sql_query="SELECT 2").user_query == "Question 0?"
        assert examples.delete(self.project, made[-1].id) is True
        assert examples.bulk_delete(self.project, [made[-2].id])["deleted_count"] == 1
        return count

    def connectors(self, connectors: Any) -> int:
        def create(name: str, db_type: str = "postgres") -> Any:
            return connectors.create(self.project, name, db_type, "127.0.0.1", "user", "shop", "pass", port=1)

        made = [create(f"connector {n}") for n in range(COUNT)]
        made.append(create("mixed case", "MySQL"))
        count = check_all(connectors.list(self.project), made)
        assert check_all(connectors.list(self.project, search="CONNECTOR"), made[:COUNT]) == COUNT
        assert check_all(connectors.list_by_type(self.project, "Postgres"), made[:COUNT]) == COUNT
        assert connectors.list_by_type(self.project, "mysql") == made[-1:]
        found = connectors.get(self.project, made[0].id)
        assert (found.password, found.password_secret_name) == (None, made[0].password_secret_name)
        changed = connectors.update(self.project, found.id, description="New")
        assert (changed.description, changed.host) == ("New", "127.0.0.1")
        demo = connectors.get(self.demo, self.connector)
        assert (demo.host, demo.username) == ("", "")
        assert connectors.test_connection(self.demo, self.connector) is True
        assert connectors.test_connection(self.project, found.id) is False
        assert connectors.test_connection_detailed(self.demo, self.connector)["elapsed_ms"] >= 0
        assert connectors.delete(self.project, found.id) is True
        assert connectors.delete(self.project, made[1].id, delete_secrets=True) is True
        return count

    def executions(self, executions: Any) -> int:
        chat = self.resources["chat"]
        made = [executions.execute_query(self.demo, self.connector, f"SELECT {n} AS n") for n in range(COUNT)]
        assert made[7].result["data"] == [["n"], [7]]
        question = chat.chat_to_sql(self.demo, self.session, "How many users are there?")
        run = executions.execute_from_chat(self.demo, self.connector, question.id, self.session)
        assert run.chat_message_id == question.id
        failed = executions.execute_sql(self.demo, self.connector, sql_query="SELECT nothing FROM nowhere")
        assert failed.result == {"columns": [], "data": [], "rowCount": 0}
        assert executions.get(self.demo, failed.execution_id).result == failed.result
        assert executions.get(self.demo, run.execution_id).result == run.result
        listed = executions.list(self.demo)
        ids = {item.id for item in listed}
        assert len(listed) == len(ids) > 100
        assert {each.execution_id for each in [*made, run, failed]} <= ids
        assert [item.id for item in listed if not item.is_successful] == [failed.execution_id]
        assert len(executions.list(self.demo, q="AS N", connector_id=self.connector)) == COUNT
        (only,) = executions.list(self.demo, chat_message_id=question.id)
        assert only.id == run.execution_id
        return len(listed)

    def chat(self, chat: Any) -> int:
        ask = (self.demo, self.session)
        limits = {"contexts_limit": 5, "examples_limit": 3, "contexts_cutoff": 0.5, "examples_cutoff": 0.5}
        assert "users" in chat.chat_to_sql(*ask, "How many users are there?", **limits).sql_query
        answer = chat.chat_to_answer(
            *ask, "How many orders are there?", self.connector, auto_add_feedback={"positive": True}
        )
        assert answer.execution_result.result["rowCount"] == 1
        assert answer.feedback["is_positive"] is True
        for question in ("What tables are available in the database?", "SELECT 1 as test_column;"):
            found = chat.chat_to_answer(*ask, question, self.connector, agent_accuracy="high")
            assert found.execution_result.result["rowCount"] > 0
        assert chat.chat_to_answer(*ask, "What is the meaning of life?", self.connector).execution_result is None
        assert chat.chat_with_context(*ask, "How many products are there?").sql_query
        for accuracy in ("low", "medium", "high", "quick", "basic", "standard", "maximum"):
            with_agent = chat.chat_with_agent(*ask, "How many users?", self.connector, agent_accuracy=accuracy)
            assert with_agent.agent_tool_response
        cached = chat.execution_cache_lookup(self.demo, "How many orders are there?", self.connector)
        assert cached.cache_hit
        assert cached.matches[0].execution["result"] == answer.execution_result.result
        return len(cached.matches)

    def chat_sessions(self, sessions: Any) -> int:
        made = [sessions.create(self.project, f"session {n}") for n in range(COUNT)]
        made.append(sessions.create_with_tool(self.project))
        count = check_all(sessions.list(self.project, limit=1000), made)
        pages = [sessions.list(self.project, skip, 50) for skip in range(0, 150, 50)]
        assert check_all([item for page in pages for item in page], made) == count
        assert len(sessions.list(self.project, limit=500, search="SESSION")) == COUNT
        tool = self.resources["custom_tools"].create(self.project, "t", "d", [self.files / "tool.py"])
        session = made[0].id
        assert sessions.get_custom_tool(self.project, session) is None
        assert sessions.update_custom_tool(self.project, session, tool.id).custom_tool_id == tool.id
        assert sessions.get_custom_tool(self.project, session) == tool
        assert sessions.update_custom_tool(self.project, session).custom_tool_id is None
        self.resources["custom_tools"].delete(self.project, tool.id)
        assert len(sessions.get_questions(self.project, session, limit=COUNT)) > 100
        presets = self.resources["chat_presets"]
        preset = presets.get(self.project, presets.create(self.project, "first", "first").collection_id)
        assert sessions.create_from_preset(self.project, preset.id).name == "first"
        presets.activate(self.project, preset.id)
        assert sessions.create_from_active_preset(self.project).name == "first"
        presets.delete(self.project, preset.h2ogpte_collection_id)
        assert sessions.delete(self.project, session) is True
        return count

    def chat_presets(self, presets: Any) -> int:
        settings = {"llm": "rules", "llm_args": {"temperature": 0}, "include_chat_history": "auto"}
        made = [
            presets.create(self.project, f"preset {n}", f"collection {n}", chat_settings=settings)
            for n in range(COUNT)
        ]
        listed = presets.list(self.project, limit=1000)
        assert [item.h2ogpte_collection_id for item in listed] == [item.collection_id for item in made]
        pages = [presets.list(self.project, skip, 50) for skip in range(0, 150, 50)]
        assert [item for page in pages for item in page] == listed
        assert len(presets.list(self.project, limit=500, search="PRESET")) == COUNT
        assert presets.get(self.project, made[5].collection_id) == listed[5]
        assert presets.get_active(self.project) is None
        assert presets.activate(self.project, listed[5].id).is_active
        assert presets.get_active(self.project).id == listed[5].id
        assert presets.update(self.project, made[5].collection_id, name="New").collection_id == made[5].collection_id
        assert presets.delete(self.project, made[5].collection_id)["status"] == "deleted"

        templates = [presets.create_prompt_template(self.project, f"t{n}", "Be short.") for n in range(COUNT)]
        found, offset = [], 0
        while offset is not None:
            page = presets.list_prompt_templates(self.project, offset, 50)
            found += page["items"]
            offset = page["next_offset"] if page["has_next"] else None
            assert len(found) <= COUNT
        assert [item["id"] for item in found] == [item["id"] for item in templates]
        template = templates[0]["id"]
        assert presets.update_prompt_template(self.project, template, "New")["id"] == template
        assert presets.get_prompt_template(self.project, template).system_prompt == "Be short."
        assert presets.get_preset_options(self.project)["llm_names"]
        return len(listed)

    def feedback(self, feedback: Any) -> int:
        before = feedback.list(self.demo)
        run = self.resources["executions"].execute_query(self.demo, self.connector, "SELECT 1")
        message = run.chat_message_id
        made = [feedback.create(self.demo, message, f"rating {n}", n % 2 == 0) for n in range(COUNT)]
        made.append(feedback.create_positive(self.demo, message, "good", run.execution_id))
        made.append(feedback.create_negative(self.demo, message, "bad"))
        count = check_all(feedback.list(self.demo), before + made)
        assert check_all(feedback.list(self.demo, search="RATING"), made[:COUNT]) == COUNT
        assert check_all(feedback.get_feedback_for_message(self.demo, message), made) == COUNT + 2
        assert len(feedback.list_positive(self.demo)) + len(feedback.list_negative(self.demo)) == count
        assert feedback.get(self.demo, made[-2].id).execution_id == run.execution_id
        changed = feedback.update(self.demo, made[0].id, is_positive=False)
        assert (changed.feedback, changed.is_positive) == ("rating 0", False)
        assert feedback.delete(self.demo, made[0].id) is True
        deleted = feedback.bulk_delete(self.demo, [made[1].id, NOWHERE])
        assert deleted == {"deleted_count": 1, "failed_ids": [NOWHERE]}
        return count

    def custom_tools(self, tools: Any) -> int:
        path = self.files / "tool.py"
        made = [tools.create(self.project, f"tool {n}", "A tool", [path]) for n in range(COUNT)]
        with path.open("rb") as file:
            made.append(tools.create(self.project, "open file", "A tool", [file, io.BytesIO(b"pass")]))
        assert [document.filename for document in made[-1].documents] == ["tool.py", "script.py"]
        made.append(tools.create_from_directory(self.project, "directory", "A tool", self.files))
        count = check_all(tools.list(self.project), made)
        tool = tools.get(self.project, made[0].id)
        assert tool == made[0]
        assert tools.update(self.project, tool.id).documents == tool.documents
        assert tools.update(self.project, tool.id, name="New").name == "New"
        assert tools.update_metadata(self.project, tool.id, CustomToolUpdate(description="New")).name == "New"
        assert tools.replace_files(self.project, tool.id, [path, path]).description == "New"
        assert len(tools.get(self.project, tool.id).documents) == 2
        assert tools.delete(self.project, tool.id) is True
        return count


def main() -> int:
    faulthandler.dump_traceback_later(MOST_SECONDS, exit=True)
    started, requests = time.monotonic(), Requests()
    settings = {name: os.environ[f"T2E_{name.upper()}"] for name in ("base_url", "access_token", "workspace_name")}
    hooks = {"request": [requests]}
    with tempfile.TemporaryDirectory() as files, Text2EverythingClient(**settings, event_hooks=hooks) as client:
        walk = Walk(client, requests, Path(files))
        listed = {name: getattr(walk, name)(resource) for name, resource in walk.resources.items()}
        methods = {name: resource.count_methods() for name, resource in walk.resources.items()}
    for name, count in methods.items():
        print(f"{name}: {count} methods, {listed[name]} items listed")
    assert len(methods) == 11
    print(
        f"{len(methods)} resources, {sum(methods.values())} methods, {requests.sent:,} requests,"
        f" {time.monotonic() - started:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
