"""The list that listings return."""

from __future__ import annotations

from typing import Any, SupportsIndex, TypeVar, overload

from text2everything.models._html import models_table
from text2everything.models._repr import list_repr

T = TypeVar("T")


class ItemList(list[T]):
    """A list whose repr is short, and which notebooks show as a table, its slices too; else it is a list."""

    @overload
    def __getitem__(self, key: SupportsIndex, /) -> T: ...
    @overload
    def __getitem__(self, key: slice, /) -> ItemList[T]: ...
    def __getitem__(self, key: Any, /) -> Any:
        found = super().__getitem__(key)
        return ItemList(found) if isinstance(key, slice) else found

    def __repr__(self) -> str:
        return list_repr(self)

    def _repr_html_(self) -> str:
        return models_table(self)
