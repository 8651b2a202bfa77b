"""How the child says that it gives up."""


class Refused(Exception):  # noqa: N818
    """Give up on the file; the text is one of the reasons that `parse.REASONS` puts into words."""
