"""The run that sends entries to Clio, each exactly once, and what people decide about it."""
