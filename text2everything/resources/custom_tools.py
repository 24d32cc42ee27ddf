"""Custom tools, files for agents: `client.custom_tools`."""

from __future__ import annotations

import os
from builtins import list as List  # noqa: N812  # `list` is a method here
from collections.abc import Sequence

from text2everything import _codec as codec
from text2everything._transport.files import FileInput, Form, collect, directory_files
from text2everything.exceptions import ValidationError
from text2everything.models.base import UNSET, Unset, build
from text2everything.models.custom_tools import CustomTool, CustomToolCreate, CustomToolUpdate
from text2everything.resources._base import ItemsResource


class AsyncCustomToolsResource(ItemsResource[CustomTool, CustomToolCreate]):
    """Custom tools: sets of files that an agent may use.

    A file is a path, bytes, an open binary file, or a tuple of a name and bytes or an open file. Only its base name
    is sent. Missing files are reported before anything is sent. Large files are streamed; open files are read from
    where they are to their end, and sent again from there. The size is announced, except where a file has none, such
    as a pipe; a file that changes while it is sent is a `ValidationError`.
    """

    _name = "custom-tools"
    _item = CustomTool
    _new = CustomToolCreate

    async def create(self, project_id: str, name: str, description: str, files: Sequence[FileInput]) -> CustomTool:
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
            >>> tool = await client.custom_tools.create(
            ...     project_id, "Forecast", "Forecasts sales", ["tools/forecast.py", ("settings.json", b"{}")]
            ... )
            >>> [document.filename for document in tool.documents]
            ['forecast.py', 'settings.json']
        """
        new = CustomToolCreate(name=name, description=description)
        form = Form({"name": new.name, "description": new.description}, collect(files))
        return self._decode(await self._send("POST", self._path(project_id), form, slow=True), CustomTool)

    async def create_from_directory(
        self, project_id: str, name: str, description: str, directory_path: str | os.PathLike[str]
    ) -> CustomTool:
        """Create a custom tool from all files in a directory, except hidden files and subdirectories.

        Raises:
            ValidationError: It is not a directory, or contains no files.
            NotFoundError: There is no such project.

        Example:
            >>> tool = await client.custom_tools.create_from_directory(
            ...     project_id, "Forecast", "Forecasts sales", "tools"
            ... )
            >>> session = await client.chat_sessions.create(project_id, custom_tool_id=tool.id)
        """
        files = directory_files(directory_path)
        return await self.create(project_id, name, description, files)

    async def get(self, project_id: str, tool_id: str) -> CustomTool:
        """Return one custom tool.

        Raises:
            NotFoundError: There is no such custom tool.

        Example:
            >>> tool = await client.custom_tools.get(project_id, tool_id)
            >>> [document.filename for document in tool.documents]
            ['forecast.py', 'settings.json']
        """
        return await self._get(self._path(project_id, tool_id=tool_id))

    async def list(self, project_id: str, skip: int = 0, limit: int | None = None) -> List[CustomTool]:
        """Return the project's custom tools.

        Args:
            project_id: The project.
            skip: The number of items to skip.
            limit: The maximum number of items to return; None returns all.

        Example:
            >>> {tool.name: len(tool.documents) for tool in await client.custom_tools.list(project_id)}
            {'Forecast': 2}
        """
        return await self._list(project_id, skip=skip, limit=limit)

    async def update(
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
            >>> await client.custom_tools.update(project_id, tool_id, name="Forecast 2", files=["tools/forecast.py"])
        """
        fields = codec.changes(CustomToolUpdate(name=name, description=description))
        if not fields and files is UNSET:
            raise ValidationError("nothing to update: give at least one of name, description, files")
        form = Form(fields, [] if files is UNSET else collect(files))
        path = self._path(project_id, tool_id=tool_id)
        reply = await self._send("PUT", path, form, slow=True)
        return await self._decode_or_get(reply, path, CustomTool)

    async def update_metadata(
        self, project_id: str, tool_id: str, update_data: CustomToolUpdate | dict[str, str]
    ) -> CustomTool:
        """Change a custom tool's name or description; fields that are not given keep their value.

        Raises:
            ValidationError: `update_data` has no fields, or an unknown or invalid one.
            NotFoundError: There is no such custom tool.

        Example:
            >>> await client.custom_tools.update_metadata(project_id, tool_id, {"description": "Forecasts a year"})
        """
        update = build(CustomToolUpdate, update_data, name="update_data")
        return await self.update(project_id, tool_id, name=update.name, description=update.description)

    async def replace_files(self, project_id: str, tool_id: str, files: Sequence[FileInput]) -> CustomTool:
        """Replace all files of a custom tool.

        Raises:
            ValidationError: A file is missing; the message names all missing files.
            NotFoundError: There is no such custom tool.

        Example:
            >>> tool = await client.custom_tools.replace_files(project_id, tool_id, ["tools/forecast.py"])
            >>> [document.filename for document in tool.documents]
            ['forecast.py']
        """
        return await self.update(project_id, tool_id, files=files)

    async def delete(self, project_id: str, tool_id: str) -> bool:
        """Delete a custom tool and its files.

        Raises:
            NotFoundError: There is no such custom tool.

        Example:
            >>> await client.custom_tools.delete(project_id, tool_id)
            True
        """
        return await self._delete(self._path(project_id, tool_id=tool_id))
