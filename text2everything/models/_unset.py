"""`UNSET`: not given, where None is a value."""

from __future__ import annotations

import enum
from typing import Any, Final, Literal


class _UnsetMeta(enum.EnumMeta):
    """pydantic takes an enum for the text or number it stands for, unless its class has a metaclass of its own."""


class Unset(enum.Enum, metaclass=_UnsetMeta):
    """The type of `UNSET`, the default of arguments for which None is a value."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415  # only pydantic calls this

        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        return {"not": {}}  # JSON has no value for it


UNSET: Final = Unset.UNSET
"""Not given: an update keeps the current value, while None would clear it."""
