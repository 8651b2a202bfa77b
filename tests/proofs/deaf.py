"""How long the bot is deaf when its connection to Slack ends in Socket Mode, by the times it has in earnest.

From the moment on until it has opened another connection and nothing goes to the old one any more.
"""

import time
from collections.abc import Callable
from pathlib import Path

from alone import QUICK, Alone, serving

from brought_forward.bot.settings import Timing
from proofs.report import Report, run

MOST = 15.0  # seconds
SWAPPED = 2.5  # where Slack asks for it; the client's own way takes three
MUTE = "no ping was ever answered"
LEAST = 0.2  # a ping's time, where only the way is tried
EARNEST = QUICK.model_copy(update={"ping": Timing().ping})


def prove(folder: Path, *, seed: int, rounds: int = 3, ping: float = EARNEST.ping) -> Report:
    """End connections in each way there is, and wait until a person is answered again."""
    report = Report(f"Socket Mode, a ping each {ping:g} s, each way {rounds} times", seed)
    with serving(folder, timing=EARNEST.model_copy(update={"ping": ping})) as bot:
        sockets = bot.slack.sockets
        ways: dict[str, Callable[[], object]] = {
            "Slack warns that it will close it": lambda: sockets.bid_farewell("warning"),
            "Slack asks for a fresh one": lambda: sockets.bid_farewell("refresh_requested"),
            "closed with a close frame": sockets.close,
            "cut without a close frame": sockets.sever,
            "nothing comes through any more": sockets.stall,
            MUTE: lambda: None,
        }
        rows = []
        for said, happens in ways.items():
            times = []
            for _ in range(rounds):
                if said == MUTE:
                    _mute(bot)
                times.append(_again(bot, happens))
            rows.append((said, f"{min(times):.1f}", f"{max(times):.1f}"))
            most = SWAPPED if said.startswith("Slack ") and ping == EARNEST.ping else MOST
            report.at_most(f"{said}: seconds until the bot hears again", max(times), most)
        report.table("What ends a connection", ("", "seconds at least", "at most"), rows)
        report.equals("connections at the end", sockets.count, 1)
    return report


def _mute(bot: Alone) -> None:
    """Have the bot open a connection that answers no ping, not even its first."""
    bot.slack.rules.answers_pings = False
    _again(bot, bot.slack.sockets.close)
    bot.slack.rules.answers_pings = True


def _again(bot: Alone, happens: Callable[[], object]) -> float:
    """Let it happen; return how many seconds pass until the bot has another connection, and see that it answers."""
    sockets, before, began = bot.slack.sockets, bot.slack.sockets.opened, time.monotonic()
    happens()
    bot.slack.wait_for(lambda: sockets.opened > before and sockets.count == 1, timeout=120)
    deaf = time.monotonic() - began
    bot.slack.wait_for(lambda: bot.slack.command(bot.slack.manager, "help").status == 200, timeout=60)
    return deaf


if __name__ == "__main__":
    run(prove, "End the bot's connection to Slack in each way there is.", short={"rounds": 1, "ping": LEAST}, rounds=3)
