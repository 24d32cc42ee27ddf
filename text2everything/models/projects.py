"""Projects, and the collections their contents are kept in."""

from __future__ import annotations

import attrs

from text2everything.models._fields import optional_text, text_field
from text2everything.models.base import UNSET, KeyAccess, Model, Stored, Unset


@attrs.define(kw_only=True)
class ProjectCreate(Model):
    """A project to be made."""

    name: str = text_field()
    description: str | None = optional_text()


@attrs.define(kw_only=True)
class ProjectUpdate(Model):
    """What to change of a project; what is left out stays, None clears."""

    name: str | Unset = text_field(default=UNSET)
    description: str | Unset | None = optional_text(UNSET)


@attrs.define(kw_only=True)
class Project(Stored):
    """A project: the home of its schema, examples, connectors, sessions and feedback."""

    name: str
    description: str | None = None
    workspace_id: str | None = None
    workspace_authz_name: str | None = None
    active_chat_preset_id: str | None = None


@attrs.define(kw_only=True)
class Collection(Stored):
    """Where a project's items of one kind are indexed; made with the first item."""

    project_id: str | None = None
    component_type: str
    h2ogpte_collection_id: str | None = None


@attrs.define(kw_only=True)
class DeleteResult(KeyAccess, Model):
    """What a delete did; true, and readable as `result["message"]`."""

    message: str = "deleted"
    id: str | None = None

    def __bool__(self) -> bool:
        return True


@attrs.define(kw_only=True)
class BulkDeleteResult(KeyAccess, Model):
    """How many were deleted, and the ids that were not (unknown ones among them)."""

    deleted_count: int = 0
    failed_ids: list[str] = attrs.field(factory=list)
