"""The embedded service: Text2Everything's wire over SQLite, on this machine and without an account.

Example:
    ```python
    with LocalService(demo=True) as service:
        print(service.base_url, service.access_token, service.workspace_name)
    ```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from text2everything.local.errors import LocalServiceError as LocalServiceError
    from text2everything.local.seeding import Demo as Demo
    from text2everything.local.service import LocalService as LocalService

__all__ = ["Demo", "LocalService", "LocalServiceError"]


def __getattr__(name: str) -> object:
    # Imported when asked for: the engine below does not need the web server.
    if name == "LocalService":
        from text2everything.local.service import LocalService  # noqa: PLC0415

        return LocalService
    if name == "LocalServiceError":
        from text2everything.local.errors import LocalServiceError  # noqa: PLC0415

        return LocalServiceError
    if name == "Demo":
        from text2everything.local.seeding import Demo  # noqa: PLC0415

        return Demo
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
