"""SQL Server, by pymssql: it cannot be made to refuse what writes, so the check of the statement is all there is."""

from __future__ import annotations

import math
from typing import Any

from text2everything.local._databases._database import Database


class SqlServer(Database):
    db_type = "sqlserver"
    driver = "mssql+pymssql"
    sql_dialect = "tsql"
    modules = ("pymssql",)
    packages = "pymssql"

    def connect_arguments(self) -> dict[str, Any]:
        return {
            "login_timeout": max(1, round(self.limits.connect_seconds)),
            "timeout": max(1, math.ceil(self.limits.seconds)),
            "read_only": True,
        }
