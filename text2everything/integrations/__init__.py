"""Foreign systems: one module for each, each an extra of its own."""
