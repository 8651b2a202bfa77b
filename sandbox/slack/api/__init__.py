"""The Web API's methods, as Slack answers them."""
