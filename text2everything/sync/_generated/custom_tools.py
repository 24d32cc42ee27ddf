# Generated from text2everything.resources.custom_tools by `python -m text2everything.sync._generate`: do not edit.
"""The blocking `CustomToolsResource`."""

from __future__ import annotations

import os
from builtins import list as List  # noqa: N812
from collections.abc import Sequence

from text2everything._pagination.pager import PAGE_SIZE
from text2everything._transport.files import FileInput
from text2everything.models.base import UNSET, Unset
from text2everything.models.custom_tools import CustomTool, CustomToolUpdate
from text2everything.resources.custom_tools import AsyncCustomToolsResource
from text2everything.sync._base import BlockingResource
from text2everything.sync._streams import Pager


class CustomToolsResource(BlockingResource[AsyncCustomToolsResource]):
    """Custom tools: sets of files that an agent may use.

    A file is a path, bytes, an open binary file, or a tuple of a name and bytes or an open file. Only its base name
    is sent. Missing files are reported before anything is sent. Large files are streamed; open files are read from
    where they are to their end, and sent again from there. The size is announced, except where a file has none, such
    as a pipe; a file that changes while it is sent is a `ValidationError`.
    """

    def create(self, project_id: str, name: str, description: str, files: Sequence[FileInput]) -> CustomTool:
        """Create a custom tool.

        Args:
            project_id: The project.
            name: Its name; must not be blank.
            description: What it does; must not be blank.
            files: Its files, at least one.

        Raises:
            ValidationError: A file is missing; the message names all missing files.
            NotFoundError: There is no such project.

        Example:
            >>> tool = client.custom_tools.create(
            ...     project_id, "Forecast", "Forecasts sales", ["tools/forecast.py", ("settings.json", b"{}")]
            ... )
            >>> [document.filename for document in tool.documents]
            ['forecast.py', 'settings.json']
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.create, project_id, name, description, files)

    def create_from_directory(
        self, project_id: str, name: str, description: str, directory_path: str | os.PathLike[str]
    ) -> CustomTool:
        """Create a custom tool from all files in a directory, except hidden files and subdirectories.

        Raises:
            ValidationError: It is not a directory, or contains no files.
            NotFoundError: There is no such project.

        Example:
            >>> tool = client.custom_tools.create_from_directory(
            ...     project_id, "Forecast", "Forecasts sales", "tools"
            ... )
            >>> session = client.chat_sessions.create(project_id, custom_tool_id=tool.id)
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.create_from_directory, project_id, name, description, directory_path)

    def get(self, project_id: str, tool_id: str) -> CustomTool:
        """Return one custom tool.

        Raises:
            NotFoundError: There is no such custom tool.

        Example:
            >>> tool = client.custom_tools.get(project_id, tool_id)
            >>> [document.filename for document in tool.documents]
            ['forecast.py', 'settings.json']
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.get, project_id, tool_id)

    def list(self, project_id: str, skip: int = 0, limit: int | None = None) -> List[CustomTool]:
        """Return the project's custom tools.

        Args:
            project_id: The project.
            skip: The number of items to skip.
            limit: The maximum number of items to return; None returns all.

        Example:
            >>> {tool.name: len(tool.documents) for tool in client.custom_tools.list(project_id)}
            {'Forecast': 2}
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.list, project_id, skip, limit)

    def update(
        self,
        project_id: str,
        tool_id: str,
        name: str | Unset = UNSET,
        description: str | Unset = UNSET,
        files: Sequence[FileInput] | Unset = UNSET,
    ) -> CustomTool:
        """Change a custom tool; arguments that are not given keep their value, `files` replaces all its files.

        Raises:
            ValidationError: A file is missing; the message names all missing files. Or no argument is given besides
                the ids.
            NotFoundError: There is no such custom tool.

        Example:
            >>> client.custom_tools.update(project_id, tool_id, name="Forecast 2", files=["tools/forecast.py"])
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.update, project_id, tool_id, name, description, files)

    def update_metadata(
        self, project_id: str, tool_id: str, update_data: CustomToolUpdate | dict[str, str]
    ) -> CustomTool:
        """Change a custom tool's name or description; fields that are not given keep their value.

        Raises:
            ValidationError: `update_data` has no fields, or an unknown or invalid one.
            NotFoundError: There is no such custom tool.

        Example:
            >>> client.custom_tools.update_metadata(project_id, tool_id, {"description": "Forecasts a year"})
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.update_metadata, project_id, tool_id, update_data)

    def replace_files(self, project_id: str, tool_id: str, files: Sequence[FileInput]) -> CustomTool:
        """Replace all files of a custom tool.

        Raises:
            ValidationError: A file is missing; the message names all missing files.
            NotFoundError: There is no such custom tool.

        Example:
            >>> tool = client.custom_tools.replace_files(project_id, tool_id, ["tools/forecast.py"])
            >>> [document.filename for document in tool.documents]
            ['forecast.py']
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.replace_files, project_id, tool_id, files)

    def delete(self, project_id: str, tool_id: str) -> bool:
        """Delete a custom tool and its files.

        Raises:
            NotFoundError: There is no such custom tool.

        Example:
            >>> client.custom_tools.delete(project_id, tool_id)
            True
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.delete, project_id, tool_id)

    def iter(self, project_id: str, search: str | None = None, *, page_size: int = PAGE_SIZE) -> Pager[CustomTool]:
        """Return the project's items one by one, in constant memory.

        The next page is fetched in the background; items may be deleted during the iteration. `.pages()` iterates
        over whole pages, each with the total if the service reports it.

        Args:
            project_id: The project.
            search: Only items whose text contains this.
            page_size: The number of items in one request, 1 to 1000; default 100.

        Example:
            >>> for rating in client.feedback.iter(project_id, search="year"):
            ...     print(rating.feedback)
        """
        return Pager(self._portal, self._async.iter(project_id, search, page_size=page_size))

    def count(self, project_id: str, search: str | None = None) -> int:
        """Return the number of items in the project.

        One small request, if the service reports the total; otherwise the items are fetched and counted.

        Args:
            project_id: The project.
            search: Count only items whose text contains this.

        Example:
            >>> client.feedback.count(project_id)
            1000
        """
        __tracebackhide__ = _rich_traceback_omit = True
        return self._portal.call(self._async.count, project_id, search)
