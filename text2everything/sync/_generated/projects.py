# Generated from text2everything.resources.projects by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `ProjectsResource`."""

from __future__ import annotations

import os
from builtins import list as List  # noqa: N812
from typing import Literal

from text2everything._knowledge.directory import LoadedDirectory
from text2everything._pagination.pager import PAGE_SIZE
from text2everything.models.base import UNSET, Unset
from text2everything.models.projects import Collection, DeleteResult, Project
from text2everything.resources.projects import AsyncProjectsResource
from text2everything.sync._base import BlockingResource
from text2everything.sync._streams import Pager


class ProjectsResource(BlockingResource[AsyncProjectsResource]):
    """Projects, each with its own schema metadata, contexts, examples, connectors, sessions and feedback.

    An invalid argument raises a `ValidationError` that names it, before anything is sent.
    """

    def create(self, name: str, description: str | None = None) -> Project:
        """Create a project.

        Args:
            name: Its name; must not be blank.
            description: A description.

        Example:
            >>> project = client.projects.create("Sales", "Orders of the web shop")
            >>> print(project.id)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.create, name, description)

    def get(self, project_id: str) -> Project:
        """Return one project.

        Raises:
            NotFoundError: There is no such project.

        Example:
            >>> project = client.projects.get(project_id)
            >>> project.name, project.description
            ('Sales', 'Orders of the web shop')
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get, project_id)

    def list(self, page: int | None = None, per_page: int | None = None, search: str | None = None) -> List[Project]:
        """Return the projects of the workspace: all, or one page of them.

        Args:
            page: The number of the page, from 1; None returns all items.
            per_page: The number of items on a page, 1 to 1000; default 50 if `page` is given.
            search: Only projects whose name or description contains this.

        Example:
            >>> for project in client.projects.list(page=1, per_page=20):
            ...     print(project.id, project.name)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list, page, per_page, search)

    def iter(self, search: str | None = None, *, page_size: int = PAGE_SIZE) -> Pager[Project]:
        """Return the projects one by one, in constant memory.

        Args:
            search: Only projects whose name or description contains this.
            page_size: The number of items in one request, 1 to 1000; default 100.

        Example:
            >>> for project in client.projects.iter():
            ...     print(project.id, project.name)
        """
        return Pager(self._portal, self._async.iter(search, page_size=page_size))

    def update(self, project_id: str, name: str | Unset = UNSET, description: str | Unset | None = UNSET) -> Project:
        """Change a project; arguments that are not given keep their value, `description=None` clears it.

        Values that are not given are read first: a change that another client makes in between is overwritten.

        Raises:
            NotFoundError: There is no such project.
            ValidationError: No change was given.

        Example:
            >>> client.projects.update(project_id, description="Orders of all shops")
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.update, project_id, name, description)

    def delete(self, project_id: str) -> DeleteResult:
        """Delete a project and everything in it.

        Raises:
            NotFoundError: There is no such project.

        Example:
            >>> client.projects.delete(project_id)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.delete, project_id)

    def get_by_name(self, name: str) -> Project | None:
        """Return the project with exactly this name, or None.

        Example:
            >>> project = client.projects.get_by_name("Sales") or client.projects.create("Sales")
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get_by_name, name)

    def exists(self, project_id: str) -> bool:
        """Return whether the project exists; other errors, such as an invalid token, are raised.

        Example:
            >>> client.projects.exists(project_id)
            True
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.exists, project_id)

    def load_directory(
        self, project_id: str, path: str | os.PathLike[str], on_error: Literal["raise", "collect"] = "raise"
    ) -> LoadedDirectory:
        """Create schema metadata, contexts and golden examples from the files of a directory.

        All files are read and checked before anything is sent. The directory has the subdirectories
        `schema_metadata`, `contexts` and `golden_examples`, at least one of them. Each holds `.json` files with one
        object or a list of objects; an object without a name gets that of its file. A context can also be a `.md` or
        `.txt` file, and a golden example a `.sql` file with the question in comments above the SQL, or a `.md` or
        `.txt` file with the question in the first line.

        Args:
            project_id: The project.
            path: The directory.
            on_error: What to do with failed items: `raise` (default) raises a `BulkError` at the end; `collect` only
                reports them in the result.

        Raises:
            ValidationError: Some files are invalid; every problem is reported with its file.
            NotFoundError: There is no such project.
            BulkError: Some items failed; its `result` is the `LoadedDirectory`.

        Example:
            >>> loaded = client.projects.load_directory(project_id, "knowledge")
            >>> len(loaded.schema_metadata), len(loaded.contexts), len(loaded.golden_examples)
            (12, 3, 40)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.load_directory, project_id, path, on_error)

    def list_collections(self, project_id: str) -> List[Collection]:
        """Return the collections that index the project's items; each is created with the first item of its type.

        Raises:
            NotFoundError: There is no such project.

        Example:
            >>> [collection.component_type for collection in client.projects.list_collections(project_id)]
            ['contexts', 'feedback']
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list_collections, project_id)

    def get_collection_by_type(self, project_id: str, component_type: str) -> Collection:
        """Return the collection of one type of item.

        Args:
            project_id: The project.
            component_type: `contexts`, `schema_metadata`, `examples`, `feedback` or `custom_tools`.

        Raises:
            NotFoundError: There is no such project, or it has no item of that type yet.

        Example:
            >>> collection = client.projects.get_collection_by_type(project_id, "feedback")
            >>> print(collection.h2ogpte_collection_id)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get_collection_by_type, project_id, component_type)
