"""One OpenTelemetry span for each call, around the spans that aiohttp's own instrumentation makes of its requests."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import Any

TRACING = "opentelemetry.trace"


def tracing() -> Any:
    """Return OpenTelemetry's tracing module where the application has imported it, else None: nothing is loaded."""
    return sys.modules.get(TRACING)


def call_span(trace: Any, method: str, path: str) -> AbstractContextManager[Any]:
    """Return the span of a call, current while it runs; an error that leaves it is recorded.

    Its name has no ids, so that there are few names: `text2everything POST feedback`.
    """
    parts = path.strip("/").split("/")
    resource = parts[2] if len(parts) > 2 else parts[0]  # noqa: PLR2004  # projects/{id}/{resource}/…
    span: AbstractContextManager[Any] = trace.get_tracer("text2everything").start_as_current_span(
        f"text2everything {method} {resource}",
        attributes={"http.request.method": method, "url.path": f"/api{path}"},
    )
    return span
