"""`ConnectionParameters`: a database, and the credentials for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from text2everything.local._databases._redaction import withhold_secrets


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

    def withhold_secrets(self, message: str) -> str:
        """Return what a driver says of a connection that failed, unless a part of a secret is in it."""
        texts = [value for value in self.config.values() if isinstance(value, str)]
        known = [self.host or "", self.username or "", self.database, *texts]
        return withhold_secrets(message, self.secrets.values(), known)
