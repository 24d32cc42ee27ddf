"""Custom tools: files that an agent may use."""

from __future__ import annotations

import attrs

from text2everything.models._fields import text_field
from text2everything.models.base import UNSET, Model, Stored, Unset


@attrs.define(kw_only=True, repr=False)
class CustomToolCreate(Model):
    """A custom tool to create; its files are sent in the same multipart request."""

    name: str = text_field()
    description: str = text_field()


@attrs.define(kw_only=True, repr=False)
class CustomToolUpdate(Model):
    """The fields of a custom tool to change; fields that are not set keep their value."""

    name: str | Unset = text_field(default=UNSET)
    description: str | Unset = text_field(default=UNSET)


@attrs.define(kw_only=True, repr=False)
class CustomToolDocument(Stored):
    """A file of a custom tool."""

    filename: str
    h2ogpte_doc_id: str | None = None
    custom_tool_id: str | None = None


@attrs.define(kw_only=True, repr=False)
class CustomTool(Stored):
    """A custom tool and its files."""

    name: str
    description: str | None = None
    project_id: str | None = None
    h2ogpte_collection_id: str | None = None
    documents: list[CustomToolDocument] = attrs.field(factory=list)
