"""What Slack sends: files, clicks, commands. Each listener reads the payload, calls, answers; nothing slow."""
