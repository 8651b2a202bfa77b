"""What the firm's settings say about reading, and what one file may cost."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """What parsing one file may take before it is refused."""

    memory_bytes: int = 1 << 30  # address space of the child process; holds on Linux only
    cpu_seconds: int = 30
    wall_seconds: float = 45.0
    output_bytes: int = 200_000_000  # of cells, as JSON


@dataclass(frozen=True, slots=True)
class SheetRules:
    """How a firm writes its sheets."""

    currency: str  # ISO 4217: "USD"
    day_first: bool  # how 03/04/2026 is read where nothing in the sheet settles it
    limits: Limits = field(default=Limits())
