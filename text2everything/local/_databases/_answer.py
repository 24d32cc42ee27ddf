"""`Answer`: the reply to one request about a database."""

from __future__ import annotations

import json
from typing import Any

from text2everything.local._databases._errors import DatabaseError
from text2everything.local._databases._kinds import DATABASES
from text2everything.local._databases._parameters import ConnectionParameters
from text2everything.local._databases._statement import run_statement, test_connection
from text2everything.local._limits import Limits


class Answer:
    """The reply to one request, which is made in one thread, and may be stopped in another.

    Args:
        request: `parameters` and `limits` as objects, and `sql`; None as `sql` tests the connection.
    """

    def __init__(self, request: dict[str, Any]) -> None:
        parameters = ConnectionParameters(**request["parameters"])
        self._database = DATABASES[parameters.db_type](parameters, Limits(**request["limits"]))
        self._sql: str | None = request["sql"]

    def make(self) -> str:
        """Return the reply, a JSON document.

        Raises:
            DatabaseError: The statement failed, was stopped, or is no query.
        """
        try:
            if self._sql is None:
                return json.dumps(test_connection(self._database))
            return run_statement(self._database, self._sql)
        except MemoryError:
            raise DatabaseError("the statement needs more memory than it may take") from None

    def stop(self) -> None:
        """Stop the statement."""
        self._database.stop()
