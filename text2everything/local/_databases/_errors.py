"""`DatabaseError`: why a statement did not run."""

from __future__ import annotations


class DatabaseError(Exception):
    """An error of a database, its driver or the check of a statement; the message has no secrets in it."""
