"""What Slack refuses in blocks, messages and forms."""
