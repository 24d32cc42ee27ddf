# Generated from text2everything.resources.projects by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `ProjectsResource`."""

from __future__ import annotations

import os
from builtins import list as List  # noqa: N812
from typing import Literal

from text2everything._knowledge.directory import LoadedDirectory
from text2everything._pagination.pager import PAGE_SIZE
from text2everything._schema.changes import LoadedDatabase
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

    def load_database(
        self, project_id: str, url: str | os.PathLike[str], *, values: bool = True, schema: str | None = None
    ) -> LoadedDatabase:
        """Create or update schema metadata from a database: an item for each table, view and foreign key.

        The database is read here, not by the service, and nothing in it is changed: names, types, keys, comments and,
        of text columns with at most 20 different values, these values. Columns whose name looks like that of a
        secret, such as `password_hash`, are left without values. Reading values takes at most 1 second for a column
        and 10 seconds for all; where that is not enough, and on SQL Server, there are none.

        The call can be repeated. What is unchanged is left alone. In what changed, columns follow the database, and
        what it does not say, such as a description or values that somebody has added, is kept. What the database does
        not have is reported in `gone` and kept, too: another database may have it.

        Args:
            project_id: The project.
            url: The path of a SQLite or DuckDB file, of a Parquet, CSV or JSON file or of a folder of such files; or
                a URL of SQLAlchemy, `dialect://user:password@host:port/database`, whose dialect is `sqlite`,
                `duckdb`, `postgresql`, `mysql`, `mariadb`, `mssql` or `snowflake`.
            values: Whether to read and send values; default True.
            schema: The schema of the database to read; None (default) is its default one. Tables of another one are
                named with it, such as `sales.orders`.

        Raises:
            ValidationError: An argument is invalid, there is no such file or schema, or there are no tables.
            ConnectionError: The database cannot be reached or read.
            ImportError: SQLAlchemy or the driver is not installed; the message says what to install.
            NotFoundError: There is no such project.
            BulkError: Some items could not be created; repeat the call.

        Example:
            >>> loaded = client.projects.load_database(project_id, "shop.db")
            >>> loaded
            <LoadedDatabase 4 created (customers, orders, products, ...), 0 updated, 0 unchanged, 0 gone>
            >>> client.schema_metadata.bulk_delete(project_id, [item.id for item in loaded.gone])
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.load_database, project_id, url, values=values, schema=schema)

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
