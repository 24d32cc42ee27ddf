"""Schema metadata, contexts and golden examples that are kept in files."""
