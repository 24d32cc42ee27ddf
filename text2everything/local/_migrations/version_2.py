"""Version 2: where a secret may be sent."""

from __future__ import annotations

from typing import Final

SQL: Final = "ALTER TABLE secrets ADD COLUMN target TEXT;"
