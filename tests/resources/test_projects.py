"""Projects, and where their contents are kept."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from text2everything import AuthenticationError, NotFoundError, ValidationError

from .conftest import Facade, numbers


async def test_a_project_is_made_found_changed_and_deleted(call: Facade) -> None:
    name = f"Shop {next(numbers)}"
    project = await call("projects.create", name, "All about it")
    assert await call("projects.get", project.id) == project
    assert await call("projects.get_by_name", name) == project
    assert await call("projects.get_by_name", name[:-1] + "?") is None
    assert project.id in {found.id for found in await call("projects.list", search=name)}
    changed = await call("projects.update", project.id, description=None)
    assert (changed.name, changed.description) == (name, None)
    assert await call("projects.exists", project.id)
    gone = await call("projects.delete", project.id)
    assert gone
    assert isinstance(gone["message"], str)
    assert not await call("projects.exists", project.id)
    with pytest.raises(NotFoundError):
        await call("projects.get", project.id)


async def test_exists_says_no_only_where_there_is_none(stranger: Facade) -> None:
    with pytest.raises(AuthenticationError):
        await stranger("projects.exists", "p")


async def test_deleting_a_project_deletes_what_is_in_it(call: Facade, project: str) -> None:
    context = await call("contexts.create", project, "n", "c")
    await call("projects.delete", project)
    with pytest.raises(NotFoundError):
        await call("contexts.get", project, context.id)


async def test_pages_of_projects(call: Facade) -> None:
    mark = f"paged {next(numbers)}."
    made = [(await call("projects.create", f"{mark} {n}")).id for n in range(5)]
    first = await call("projects.list", page=1, per_page=2, search=mark)
    third = await call("projects.list", page=3, per_page=2, search=mark)
    assert [found.id for found in [*first, *third]] == [*made[:2], made[4]]
    assert [found.id for found in await call.items("projects.iter", mark, page_size=2)] == made


@pytest.mark.parametrize(("page", "per_page"), [(0, 5), (1, 0), (1, 1001), ("1", 5), (1.0, 5), (True, 5)])
async def test_bad_pages_are_refused(page: Any, per_page: Any, unreachable: Facade) -> None:
    with pytest.raises(ValidationError, match="page"):
        await unreachable("projects.list", page=page, per_page=per_page)


async def test_collections_come_with_a_components_first_item(call: Facade, project: str) -> None:
    assert await call("projects.list_collections", project) == []
    with pytest.raises(NotFoundError):
        await call("projects.get_collection_by_type", project, "contexts")
    made = await asyncio.gather(*(call("contexts.create", project, f"n{n}", "c") for n in range(5)))
    collection = await call("projects.get_collection_by_type", project, "contexts")
    assert collection.component_type == "contexts"
    assert collection.h2ogpte_collection_id
    assert await call("projects.list_collections", project) == [collection]
    assert len({context.collection_id for context in made}) == 1
