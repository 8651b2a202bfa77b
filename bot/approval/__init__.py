"""Who may decide, by which rules, and the decision on a preview."""
