"""Which row is what: groups, totals, what is hidden, doubtful or no line at all."""
