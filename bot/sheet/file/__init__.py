"""What a file is, and how its cells are read safely."""
