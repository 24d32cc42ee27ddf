"""One OpenTelemetry span for each call, around the spans that aiohttp's own instrumentation makes of its requests."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import Any

TRACING = "opentelemetry.trace"


def tracing() -> Any:
    """Return OpenTelemetry's tracing module if the application imported it, else None; nothing is imported here."""
    return sys.modules.get(TRACING)


def call_span(trace: Any, method: str, path: str, api_path: str) -> AbstractContextManager[Any]:
    """Return the span of a call, which is current while the call runs; an exception is recorded in it.

    Its name contains no ids, so that there are few different names: `text2everything POST feedback`.
    """
    parts = path.strip("/").split("/")
    resource = parts[2] if len(parts) > 2 else parts[0]  # noqa: PLR2004  # projects/{id}/{resource}/…
    span: AbstractContextManager[Any] = trace.get_tracer("text2everything").start_as_current_span(
        f"text2everything {method} {resource}",
        attributes={"http.request.method": method, "url.path": api_path + path},
    )
    return span
