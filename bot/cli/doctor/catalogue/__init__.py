"""Every shape of message, form and Home tab that the bot can send, made of sample records."""
