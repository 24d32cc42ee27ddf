"""JSON, in which documents that are stored as text are sent as they are, and never parsed: results are large."""

from __future__ import annotations

import json
import secrets
from functools import partial
from typing import Any

import attrs


@attrs.frozen
class JsonDocument:
    """A JSON document as text."""

    text: str


# Where a document belongs; nobody outside can have sent this.
_PLACE = secrets.token_hex(16)
_encoder = partial(json.JSONEncoder, separators=(",", ":"))


def encode(data: Any) -> str:
    """Return the JSON of a value, with the documents in it."""
    documents: list[str] = []

    def leave_place(value: Any) -> str:
        if not isinstance(value, JsonDocument):
            raise TypeError(f"{type(value).__name__} is no JSON")
        documents.append(value.text)
        return _PLACE

    text = _encoder(default=leave_place).encode(data)
    if not documents:
        return text
    first, *others = text.split(f'"{_PLACE}"')
    return "".join([first, *(part for pair in zip(documents, others, strict=True) for part in pair)])
