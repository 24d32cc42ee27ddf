"""How fast this is, against its peers and the floor, and how well it answers: see README.md."""
