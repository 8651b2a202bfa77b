"""The run that takes entries back, and why one stays."""
