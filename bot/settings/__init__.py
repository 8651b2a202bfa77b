"""Every setting. docs/settings.md lists them; a test keeps the two equal."""

from brought_forward.bot.settings.deployment import DATABASE, Deployment, Settings, from_environment
from brought_forward.bot.settings.firm import FirmSettings
from brought_forward.bot.settings.firms import Firms
from brought_forward.bot.settings.timing import Timing

__all__ = ["DATABASE", "Deployment", "FirmSettings", "Firms", "Settings", "Timing", "from_environment"]
