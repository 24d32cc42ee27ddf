"""The list that listings return."""

from __future__ import annotations

from typing import TypeVar

from text2everything.models._html import models_table
from text2everything.models._repr import list_repr

T = TypeVar("T")


class ItemList(list[T]):
    """A list whose repr is short, and which notebooks show as a table; in everything else it is a list."""

    def __repr__(self) -> str:
        return list_repr(self)

    def _repr_html_(self) -> str:
        return models_table(self)
