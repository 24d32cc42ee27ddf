"""`ConnectionParameters`: a database, and the credentials for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen
class ConnectionParameters:
    """A database and the credentials for it.

    Attributes:
        config: The further settings of the connector, without secrets.
        secrets: `password`, and the secrets of `config` by their names there.
    """

    db_type: str
    database: str
    host: str | None = None
    port: int | None = None
    username: str | None = None
    config: Mapping[str, Any] = attrs.field(factory=dict)
    secrets: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    @property
    def password(self) -> str | None:
        """The password; None if there is none."""
        return self.secrets.get("password")

    def redact(self, message: str) -> str:
        """Return an error message with every secret in it replaced by `***`."""
        for secret in self.secrets.values():
            if secret:
                message = message.replace(secret, "***")
        return message
