"""Snowflake, by its own SQLAlchemy dialect: it cannot be made to refuse what writes."""

from __future__ import annotations

import importlib
import math
from typing import Any

import sqlalchemy as sa

from text2everything.local._databases._database import Database, given


class Snowflake(Database):
    db_type = "snowflake"
    driver = "snowflake"
    sql_dialect = "snowflake"
    modules = ("snowflake.sqlalchemy",)
    packages = "snowflake-sqlalchemy"

    def url(self) -> sa.URL:
        host = (self.parameters.host or "").removesuffix(".snowflakecomputing.com")
        account = self.parameters.config.get("account") or host
        return sa.URL.create(
            self.driver,
            self.parameters.username,
            self.parameters.password,
            account,
            database=self.parameters.database,
        )

    def connect_arguments(self) -> dict[str, Any]:
        secrets = self.parameters.secrets
        key = secrets.get("private_key")
        return {
            "login_timeout": max(1, round(self.limits.connect_seconds)),
            "session_parameters": {"STATEMENT_TIMEOUT_IN_SECONDS": max(1, math.ceil(self.limits.seconds))},
            **given(self.parameters.config, ("warehouse", "role", "schema")),
            **({} if key is None else {"private_key": _to_der(key, secrets.get("private_key_passphrase"))}),
        }


def _to_der(pem: str, passphrase: str | None) -> bytes:
    # The driver takes the key in DER, and depends on cryptography.
    serialization = importlib.import_module("cryptography.hazmat.primitives.serialization")
    key = serialization.load_pem_private_key(pem.encode(), passphrase.encode() if passphrase else None)
    encoded: bytes = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return encoded
