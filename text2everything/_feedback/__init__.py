"""Statistics of the ratings of a project."""
