"""What the app may ask of Slack, as manifest.yml has it, and what does not work without each. Pure."""

SCOPES = {
    "channels:read": "the bot cannot tell whether a channel is shared with another company, and takes no file",
    "chat:write": "the bot can say nothing",
    "commands": "neither /balances nor the two shortcuts work",
    "files:read": "the bot hears of no file and can read none",
    "files:write": "no workbook comes back",
    "groups:read": "the bot cannot tell who reads a private channel, and takes no file there",
    "usergroups:read": "nobody can approve by a user group",
    "users:read": "the bot cannot tell guests from members, so nobody can approve",
}
