"""From a batch's file to a preview, and what sends it round again."""
