"""What moves things: runs of batches, and runs of what is owed to firms. No other room knows DBOS."""

from brought_forward.bot.engine.duties import Duties, Duty
from brought_forward.bot.engine.runs import Engine, Move, unfit
from brought_forward.bot.engine.sweep import Sweep

__all__ = ["Duties", "Duty", "Engine", "Move", "Sweep", "unfit"]
