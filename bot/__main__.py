"""Run as `python -m brought_forward.bot`."""

from brought_forward.bot.cli.main import main

main()
