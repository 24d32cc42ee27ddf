"""What all resources have in common, from one table, on both facades, against the embedded service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from text2everything import (
    AsyncText2EverythingClient,
    AuthenticationError,
    BulkError,
    ConnectionError,  # noqa: A004
    NotFoundError,
    PermissionDeniedError,
    ValidationError,
)
from text2everything.local import LocalService

from .conftest import Facade


@attrs.frozen
class Kind:
    """One resource: how its items are made, found, changed."""

    name: str
    new: dict[str, Any]
    search: str | None
    change: dict[str, Any]
    clear: str | None = None
    bulk: bool = False
    bad: dict[str, str] = attrs.field(factory=dict)
    ids: tuple[str, ...] = ()


async def message(call: Facade, project: str) -> str:
    """Return the id of a chat message in `project`."""
    session = await call("chat_sessions.create", project)
    return (await call("chat.chat_to_sql", project, session.id, "How many users are there?")).chat_message_id


async def fields(kind: Kind, call: Facade, project: str, mark: str = "one", **more: Any) -> dict[str, Any]:
    """Return arguments for `create` whose text holds `mark`."""
    found = {key: value.replace("MARK", mark) if isinstance(value, str) else value for key, value in kind.new.items()}
    if found.get("chat_message_id") == "MESSAGE":
        found["chat_message_id"] = await message(call, project)
    return found | more


COLUMNS = {"table": {"name": "t", "columns": [{"name": "a", "type": "integer"}]}}

KINDS = [
    Kind(
        "feedback",
        {"chat_message_id": "MESSAGE", "feedback": "MARK is good", "is_positive": True},
        "feedback",
        {"feedback": "changed", "is_positive": False},
        clear="execution_id",
        bulk=True,
        bad={"chat_message_id": "", "feedback": " "},
        ids=("feedback_ids", "ids"),
    ),
    Kind(
        "contexts",
        {"name": "context MARK", "content": "a rule", "description": "why"},
        "name",
        {"content": "another rule"},
        clear="description",
        bulk=True,
        bad={"name": "", "content": "\t"},
        ids=("context_ids", "ids"),
    ),
    Kind(
        "golden_examples",
        {"user_query": "what is MARK?", "sql_query": "SELECT 1", "description": "why"},
        "user_query",
        {"sql_query": "SELECT 2"},
        clear="description",
        bulk=True,
        bad={"user_query": "", "sql_query": " "},
        ids=("golden_example_ids", "ids", "example_ids"),
    ),
    Kind(
        "schema_metadata",
        {"name": "schema MARK", "schema_data": COLUMNS, "description": "why"},
        "name",
        {"name": "renamed"},
        clear="description",
        bulk=True,
        bad={"name": " "},
        ids=("schema_metadata_ids", "ids", "schema_ids"),
    ),
    Kind(
        "connectors",
        {
            "name": "connector MARK",
            "db_type": "postgres",
            "host": "db.example.com",
            "username": "u",
            "database": "d",
            "password": "p",
            "description": "why",
        },
        "name",
        {"description": "why not"},
        clear="description",
        bad={"name": "", "db_type": "oracle", "host": " ", "username": "", "database": ""},
    ),
    Kind("chat_sessions", {"name": "session MARK"}, "name", {}, bad={"custom_tool_id": ".."}),
    Kind(
        "custom_tools",
        {"name": "tool MARK", "description": "does things", "files": [("a.py", b"pass")]},
        None,
        {"description": "does other things"},
        bad={"name": "", "description": " "},
    ),
]

by_name = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
changeable = pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.change], ids=lambda kind: kind.name)
clearable = pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.clear], ids=lambda kind: kind.name)
bulky = pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.bulk], ids=lambda kind: kind.name)
searchable = pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.search], ids=lambda kind: kind.name)


@by_name
async def test_what_is_created_can_be_got_and_is_listed(kind: Kind, call: Facade, project: str) -> None:
    given = await fields(kind, call, project)
    made = await call(f"{kind.name}.create", project, **given)
    assert made.id
    assert made.created_at is not None
    for name, value in given.items():
        if name not in {"files", "password"}:
            assert getattr(made, name) == value
    assert await call(f"{kind.name}.get", project, made.id) == made
    assert made.id in {item.id for item in await call(f"{kind.name}.list", project)}


@by_name
async def test_a_listing_pages_as_asked(kind: Kind, call: Facade, project: str) -> None:
    given = await fields(kind, call, project)
    made = [(await call(f"{kind.name}.create", project, **given)).id for _ in range(5)]
    listed = [item.id for item in await call(f"{kind.name}.list", project) if item.id in made]
    assert listed == made
    everything = [item.id for item in await call.items(f"{kind.name}.iter", project)]
    assert [item.id for item in await call.items(f"{kind.name}.iter", project, page_size=2)] == everything
    assert await call(f"{kind.name}.count", project) == len(everything)
    if kind.name == "contexts":
        page = await call("contexts.list", project, page=2, per_page=2)
    else:
        page = await call(f"{kind.name}.list", project, skip=2, limit=2)
    assert [item.id for item in page] == everything[2:4]


@searchable
async def test_a_search_finds_what_holds_the_text(kind: Kind, call: Facade, project: str) -> None:
    for mark in ("Alpha", "beta", "alphabet"):
        await call(f"{kind.name}.create", project, **await fields(kind, call, project, mark))
    assert kind.search is not None
    found = await call(f"{kind.name}.list", project, search="alpha")
    assert sorted("alpha" in getattr(item, kind.search).lower() for item in found) == [True, True]
    assert await call(f"{kind.name}.count", project, "alpha") == 2
    assert await call(f"{kind.name}.list", project, search="nothing like it") == []


@changeable
async def test_an_update_changes_what_is_given_and_keeps_the_rest(kind: Kind, call: Facade, project: str) -> None:
    made = await call(f"{kind.name}.create", project, **await fields(kind, call, project))
    changed = await call(f"{kind.name}.update", project, made.id, **kind.change)
    assert changed == await call(f"{kind.name}.get", project, made.id)
    same = {"updated_at", *kind.change, "documents"}
    for field in attrs.fields(type(made)):
        if field.name not in same:
            assert getattr(changed, field.name) == getattr(made, field.name), field.name
    for name, value in kind.change.items():
        assert getattr(changed, name) == value


@clearable
async def test_an_update_with_none_clears(kind: Kind, call: Facade, project: str) -> None:
    made = await call(f"{kind.name}.create", project, **await fields(kind, call, project))
    cleared = await call(f"{kind.name}.update", project, made.id, **{kind.clear: None})
    assert getattr(cleared, str(kind.clear)) is None
    kept = await call(f"{kind.name}.get", project, made.id)
    assert getattr(kept, str(kind.clear)) is None
    assert getattr(kept, str(kind.search)) == getattr(made, str(kind.search))


@changeable
async def test_an_update_of_nothing_is_refused(kind: Kind, unreachable: Facade) -> None:
    with pytest.raises(ValidationError, match="nothing to update"):
        await unreachable(f"{kind.name}.update", "p", "x")


@by_name
async def test_what_is_deleted_is_gone(kind: Kind, call: Facade, project: str) -> None:
    made = await call(f"{kind.name}.create", project, **await fields(kind, call, project))
    assert await call(f"{kind.name}.delete", project, made.id)
    with pytest.raises(NotFoundError):
        await call(f"{kind.name}.get", project, made.id)
    with pytest.raises(NotFoundError):
        await call(f"{kind.name}.delete", project, made.id)


@bulky
async def test_many_are_created_in_order_and_deleted_at_once(kind: Kind, call: Facade, project: str) -> None:
    items = [await fields(kind, call, project, f"number {n}") for n in range(12)]
    result = await call(f"{kind.name}.bulk_create", project, items)
    assert result.ok
    assert [getattr(made, str(kind.search)) for made in result] == [item[str(kind.search)] for item in items]
    ids = [made.id for made in result]
    gone = await call(f"{kind.name}.bulk_delete", project, [*ids[:7], "unknown"])
    assert (gone.deleted_count, gone.failed_ids) == (7, ["unknown"])
    assert gone["deleted_count"] == 7
    assert {item.id for item in await call(f"{kind.name}.list", project)} == set(ids[7:])
    for name in kind.ids:
        last = await call(f"{kind.name}.create", project, **items[0])
        assert (await call(f"{kind.name}.bulk_delete", project, **{name: [last.id]})).deleted_count == 1


@bulky
async def test_a_bulk_call_with_a_bad_item_sends_nothing(kind: Kind, unreachable: Facade) -> None:
    with pytest.raises(ValidationError, match=r"\[1\]"):
        await unreachable(f"{kind.name}.bulk_create", "p", [kind.new, {}])


@bulky
@pytest.mark.parametrize("ids", [[], "abc", [""], [".."], [7], None])
async def test_bad_ids_are_refused_before_any_request(kind: Kind, ids: Any, unreachable: Facade) -> None:
    with pytest.raises(ValidationError, match="ids"):
        await unreachable(f"{kind.name}.bulk_delete", "p", ids)


@by_name
@pytest.mark.parametrize("method", ["get", "update", "delete"])
async def test_an_unknown_id_is_not_found(kind: Kind, method: str, call: Facade, project: str) -> None:
    if method == "update" and not kind.change:
        assert not hasattr(getattr(call.client, kind.name), "update")
        return
    with pytest.raises(NotFoundError) as caught:
        await call(f"{kind.name}.{method}", project, "no-such-id", **(kind.change if method == "update" else {}))
    assert caught.value.status_code == 404
    assert caught.value.method in {"GET", "PUT", "DELETE"}


@by_name
async def test_an_unknown_project_is_not_found(kind: Kind, call: Facade, project: str) -> None:
    with pytest.raises(NotFoundError):
        await call(f"{kind.name}.list", "no-such-project")
    with pytest.raises(NotFoundError):
        await call(f"{kind.name}.create", "no-such-project", **await fields(kind, call, project))


@by_name
async def test_a_wrong_token_is_an_authentication_error(kind: Kind, stranger: Facade) -> None:
    with pytest.raises(AuthenticationError) as caught:
        await stranger(f"{kind.name}.list", "p")
    assert caught.value.status_code == 401
    assert "not-the-token" not in str(caught.value) + repr(caught.value) + repr(caught.value.response_data)


@by_name
async def test_a_wrong_workspace_is_not_permitted(kind: Kind, elsewhere: Facade) -> None:
    with pytest.raises(PermissionDeniedError) as caught:
        await elsewhere(f"{kind.name}.list", "p")
    assert caught.value.status_code == 403


@by_name
async def test_each_bad_argument_is_named_before_any_request(kind: Kind, unreachable: Facade) -> None:
    good = {key: value for key, value in kind.new.items() if key != "files"} | (
        {"files": [("a.py", b"")]} if "files" in kind.new else {}
    )
    for name, value in kind.bad.items():
        with pytest.raises(ValidationError, match=name):
            await unreachable(f"{kind.name}.create", "p", **{**good, name: value})
        with pytest.raises(ValidationError, match=name):
            await unreachable(f"{kind.name}.create", "p", **{**good, name: 7})
    with pytest.raises(TypeError, match="colour"):
        await unreachable(f"{kind.name}.create", "p", **good, colour="red")
    with pytest.raises(ConnectionError):
        await unreachable(f"{kind.name}.create", "p", **good)


@by_name
@pytest.mark.parametrize("bad", ["", " ", ".", "..", None, 7, "\ud800"])
async def test_no_bad_id_reaches_a_path(kind: Kind, bad: Any, unreachable: Facade) -> None:
    for method in ("get", "delete"):
        with pytest.raises(ValidationError, match="_id"):
            await unreachable(f"{kind.name}.{method}", "p", bad)
        with pytest.raises(ValidationError, match="project_id"):
            await unreachable(f"{kind.name}.{method}", bad, "x")


@by_name
@pytest.mark.parametrize("odd", ["a/b", "a b", "é", "%2e%2e", "a?b=c", "a#b", "../x", "a\\b", "a;b", "a\nb"])
async def test_an_odd_id_stays_one_part_of_the_path(kind: Kind, odd: str, call: Facade, project: str) -> None:
    with pytest.raises(NotFoundError):
        await call(f"{kind.name}.get", project, odd)
    with pytest.raises(NotFoundError):
        await call(f"{kind.name}.delete", project, odd)
    assert await call("projects.exists", project)


@by_name
async def test_listings_refuse_bad_bounds(kind: Kind, unreachable: Facade) -> None:
    bounds = ("page", "per_page") if kind.name == "contexts" else ("skip", "limit")
    for name in bounds:
        for bad in (-1, "5", 1.5, True):
            with pytest.raises(ValidationError, match=name):
                await unreachable(f"{kind.name}.list", "p", **{name: bad})
    with pytest.raises(ValidationError, match="page_size"):
        await unreachable.items(f"{kind.name}.iter", "p", page_size=0)


def test_no_resource_is_forgotten(tmp_path: Path) -> None:
    from text2everything import resources

    covered = {f"Async{''.join(part.title() for part in kind.name.split('_'))}Resource" for kind in KINDS}
    others = {"AsyncChatResource", "AsyncChatPresetsResource", "AsyncExecutionsResource", "AsyncProjectsResource"}
    assert covered | others == set(resources.__all__)


@bulky
async def test_after_a_first_failure_nothing_more_is_sent_where_so_wished(
    kind: Kind, settings: dict[str, Any]
) -> None:
    from aiohttp import web

    sent = 0

    @web.middleware
    async def refusing(request: web.Request, handler: Any) -> web.StreamResponse:
        nonlocal sent
        if request.method == "POST" and kind.name.replace("_", "-") in request.path:
            sent += 1
            return web.json_response({"error": "full"}, status=409)
        return await handler(request)

    with LocalService(middlewares=[refusing]) as service:
        async with AsyncText2EverythingClient(**service.settings) as client:
            project = (await client.projects.create("p")).id
            with pytest.raises(BulkError) as caught:
                await getattr(client, kind.name).bulk_create(project, [kind.new] * 9, on_error="stop")
    assert sent == 1
    assert len(caught.value.result.not_sent) == 8


@bulky
async def test_a_bulk_delete_whose_reply_was_lost_is_done(kind: Kind) -> None:
    from aiohttp import web

    lost = []

    @web.middleware
    async def losing(request: web.Request, handler: Any) -> web.StreamResponse:
        reply = await handler(request)
        if request.path.endswith("bulk-delete") and not lost:
            lost.append(request)
            assert request.transport is not None
            request.transport.abort()
        return reply

    with LocalService(middlewares=[losing], demo=True) as service:
        async with AsyncText2EverythingClient(**service.settings, retry_delay=0.01) as client:
            call = Facade(client)
            made = await call(
                f"{kind.name}.create",
                service.demo.project_id,
                **await fields(kind, call, service.demo.project_id),
            )
            gone = await getattr(client, kind.name).bulk_delete(service.demo.project_id, [made.id])
    assert (gone.deleted_count, gone.failed_ids, len(lost)) == (1, [], 1)
