"""The sandbox as a page: a pretend Slack that a person can use, beside a window on the pretend Clio firm."""

from brought_forward.sandbox.page.app import PageServer, make_page

__all__ = ["PageServer", "make_page"]
