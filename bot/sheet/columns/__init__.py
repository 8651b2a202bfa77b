"""Which column is what: headings, the census, arithmetic, whose and owed."""
