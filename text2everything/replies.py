"""What an error's body says, whatever its shape."""

from __future__ import annotations

from typing import Any

from text2everything.codec import DecodeError, loads

MAX_MESSAGE = 2_000
"""Characters of what the service says that an error repeats."""

MAX_DEPTH = 20
"""Levels of an error's body beyond which it is kept as text: a deeper one could be neither read nor pickled."""


def error_data(body: bytes) -> Any:
    """Return an error's body: decoded where it is JSON, else as text; `{}` where there is none."""
    if not body.strip():
        return {}
    try:
        data = loads(body)
    except DecodeError:
        data = None
    if data is None or _is_deep(data):
        return body.decode(errors="replace")
    return data


def _is_deep(data: Any, left: int = MAX_DEPTH) -> bool:
    if isinstance(data, dict):
        data = data.values()
    elif not isinstance(data, list):
        return False
    return left == 0 or any(_is_deep(item, left - 1) for item in data)


def error_message(data: Any) -> str | None:
    """Return what the service said, or None where it said nothing a person would read.

    Known shapes: `{"error", "detail"?}`, FastAPI's `{"detail": str}` and `{"detail": [{"loc", "msg", "type"}]}`, a
    bare list or string. A page of HTML from a proxy is not repeated, nor JSON that was cut.
    """
    match data:
        case str():
            text = data.strip()
            return None if not text or text[0] in "<{" else text[:MAX_MESSAGE]
        case list():
            problems = [message for item in data if (message := _problem(item))]
            return "; ".join(problems)[:MAX_MESSAGE] or None
        case dict():
            found = [error_message(data[key]) for key in ("error", "message", "detail") if data.get(key)]
            said = list(dict.fromkeys(text for text in found if text))
            return ": ".join(said)[:MAX_MESSAGE] or _problem(data)
        case _:
            return None


def _problem(item: Any) -> str | None:
    """Return one problem of FastAPI's list as `body.field: message`."""
    if isinstance(item, dict):
        message = item.get("msg")
        if not isinstance(message, str) or not message.strip():
            return None
        location = item.get("loc")
        path = ".".join(map(str, location)) if isinstance(location, list) else ""
        return f"{path}: {message}" if path else message
    return item if isinstance(item, str) and item.strip() else None
