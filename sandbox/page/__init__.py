"""The sandbox as a page: a pretend Slack that a person can use, beside a window on the pretend Clio firm."""

from brought_forward.sandbox.page.app import make_page
from brought_forward.sandbox.page.serving import PageServer

__all__ = ["PageServer", "make_page"]
