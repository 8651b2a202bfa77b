"""What a browser is shown around an install of the app, and what Slack shows where the app is in no such workspace."""

NAME = "Brought Forward"
AGAIN = "To begin again, open {}."


def installed(workspace: str) -> str:
    """Say that it is done, and what comes next."""
    return (
        f"{NAME} is installed in {workspace or 'your workspace'}.\n\n"
        f"What comes next: in Slack, open {NAME} under Apps and choose Home. There an owner of the workspace connects"
        " the firm's Clio account and says who approves. Then invite the bot into the channel where balances are"
        " dropped: /invite @brought-forward.\n\nNothing is posted to Clio before somebody of yours approves it. You can"
        " close this page."
    )


def declined(link: str) -> str:
    """Say that somebody pressed Cancel."""
    return f"Nothing was installed: the request was declined in Slack.\n\n{AGAIN.format(link)}"


def too_late(link: str) -> str:
    """Say that an install was begun too long ago, or in another browser."""
    return (
        "Nothing was installed here: this install was begun more than five minutes ago, or in another browser.\n\n"
        f"{AGAIN.format(link)}"
    )


def not_taken(link: str) -> str:
    """Say that Slack does not take the code: it was used, or its time is over."""
    return (
        f"Slack did not take this answer: it was used already, or it is too old. If {NAME} stands under Apps in your"
        f" workspace, it is installed, and all is well.\n\nElse nothing was installed. {AGAIN.format(link)}"
    )


def whole_organisation(link: str) -> str:
    """Say that the app is installed workspace by workspace."""
    return (
        f"Nothing was installed: this was for a whole organisation, and {NAME} serves single workspaces, so that each"
        f" has its own Clio account and its own approvers. What Slack gave for the organisation was given back.\n\n"
        f"Choose one workspace on Slack's page. {AGAIN.format(link)}"
    )


def not_asked(team: str) -> str:
    """Say that the host has not named this workspace."""
    return (
        f"Nothing was installed: whoever hosts {NAME} has named the workspaces that may install it, and yours is not"
        f" among them yet. Tell them its id, {team}; then open the same address once more."
    )


EXPIRING = (
    "Nothing was installed: the app is set to tokens that expire, and this version does not renew them. Whoever hosts"
    f" {NAME} has to switch token rotation off for the app at Slack."
)


def not_kept(link: str) -> str:
    """Say that it could not be written down."""
    return f"Something went wrong here, and nothing was installed that would work.\n\n{AGAIN.format(link)}"


def away(link: str) -> str:
    """Say that Slack does not answer."""
    return f"Slack did not answer, so nothing was installed.\n\n{AGAIN.format(link)}"


def not_here(link: str) -> str:
    """Say in Slack that nothing is done for a workspace where the app is not, or not any more, installed."""
    return f"{NAME} is not installed in this workspace, or no longer, so nothing was done. It is installed at {link}."
