"""How words, workbooks and files get to Slack and from it."""
