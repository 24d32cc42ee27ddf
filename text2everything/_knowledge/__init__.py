"""Schema metadata, contexts and golden examples in files."""
