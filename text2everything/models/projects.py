"""Projects, and the collections that index their items."""

from __future__ import annotations

import attrs

from text2everything.models._fields import optional_text, text_field
from text2everything.models.base import UNSET, KeyAccess, Model, Stored, Unset


@attrs.define(kw_only=True, repr=False)
class ProjectCreate(Model):
    """A project to create."""

    name: str = text_field()
    description: str | None = optional_text()


@attrs.define(kw_only=True, repr=False)
class ProjectUpdate(Model):
    """The fields of a project to change; fields that are not set keep their value, None clears it."""

    name: str | Unset = text_field(default=UNSET)
    description: str | Unset | None = optional_text(UNSET)


@attrs.define(kw_only=True, repr=False)
class Project(Stored):
    """A project, to which schema metadata, contexts, examples, connectors, sessions and feedback belong."""

    name: str
    description: str | None = None
    workspace_id: str | None = None
    workspace_authz_name: str | None = None
    active_chat_preset_id: str | None = None


@attrs.define(kw_only=True, repr=False)
class Collection(Stored):
    """The index of a project's items of one type; created with the first item."""

    project_id: str | None = None
    component_type: str
    h2ogpte_collection_id: str | None = None


@attrs.define(kw_only=True, repr=False)
class DeleteResult(KeyAccess, Model):
    """The result of a delete; always true, and readable by key, as in `result["message"]`."""

    message: str = "deleted"
    id: str | None = None

    def __bool__(self) -> bool:
        return True


@attrs.define(kw_only=True, repr=False)
class BulkDeleteResult(KeyAccess, Model):
    """The number of deleted items, and the ids of the items that were not deleted, for example unknown ones."""

    deleted_count: int = 0
    failed_ids: list[str] = attrs.field(factory=list)
