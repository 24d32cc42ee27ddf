"""The databases that connectors lead to: SQLAlchemy reaches them, read-only, each statement in a process apart."""
