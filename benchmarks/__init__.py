"""How fast this is, against what one would otherwise use and against the floor: see README.md."""
