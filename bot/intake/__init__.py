"""From a share, a shortcut, a form, a direct message or a pasted table to a batch."""
