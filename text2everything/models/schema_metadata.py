"""Schema metadata: descriptions of a database's tables, dimensions, metrics and relationships."""

from __future__ import annotations

from typing import Any

import attrs

from text2everything.models._fields import bool_field, object_field, optional_text, text_field
from text2everything.models.base import UNSET, KeyAccess, Model, Stored, Unset


@attrs.define(kw_only=True, repr=False)
class SchemaMetadataCreate(Model):
    """Schema metadata to create; `schema_data` holds a table, dimension, metric or relationship."""

    name: str = text_field()
    schema_data: dict[str, Any] = object_field()
    description: str | None = optional_text()
    is_always_displayed: bool = bool_field(default=False)


@attrs.define(kw_only=True, repr=False)
class SchemaMetadataUpdate(Model):
    """The fields of schema metadata to change; fields that are not set keep their value, None clears it."""

    name: str | Unset = text_field(default=UNSET)
    schema_data: dict[str, Any] | Unset = object_field(default=UNSET)
    description: str | Unset | None = optional_text(UNSET)
    is_always_displayed: bool | Unset = bool_field(default=UNSET)


@attrs.define(kw_only=True, repr=False)
class SchemaMetadata(Stored):
    """The description of one table, dimension, metric or relationship.

    A table of more than 8 columns is stored in parts with the same `split_group_id`, numbered by `split_index` from 1
    to `total_splits`. The three are None if it is not split.
    """

    name: str
    schema_data: dict[str, Any]
    description: str | None = None
    is_always_displayed: bool = False
    project_id: str | None = None
    h2ogpte_doc_id: str | None = None
    split_group_id: str | None = None
    split_index: int | None = None
    total_splits: int | None = None


@attrs.define(kw_only=True, repr=False)
class SchemaMetadataResponse(SchemaMetadata):
    """Schema metadata as the service returns it."""

    collection_id: str | None = None


@attrs.define(kw_only=True, repr=False)
class SplitGroup(KeyAccess, Model):
    """All parts of a table that was split, in order."""

    split_group_id: str
    parts: list[SchemaMetadataResponse] = attrs.field(factory=list)
    total_parts: int | None = None
