"""Schema metadata read from a database, and compared with what a project has."""
