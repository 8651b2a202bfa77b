"""What the firm's settings say about reading, and what one file may cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """What parsing one file may take before it is refused."""

    memory_bytes: int = 768 << 20  # address space of the child process, of which two run at once; holds on Linux only
    binary_memory_bytes: int = 340 << 20  # for xls and xlsb, whose cells the scan cannot see before they are laid out
    cpu_seconds: int = 30
    wall_seconds: float = 45.0
    output_bytes: int = 200_000_000  # of cells, as JSON
    rows: int = 51_000  # 50,000 lines, and room for titles and totals
    columns: int = 200
    entries: int = 1_000  # files in the zip that a workbook is
    ratio: int = 100  # unpacked to packed
    unpacked_bytes: int = 100_000_000


@dataclass(frozen=True, slots=True)
class SheetRules:
    """How a firm writes its sheets."""

    currency: str  # ISO 4217: "USD"
    day_first: bool  # how 03/04/2026 is read where nothing in the sheet settles it
    limits: Limits = field(default=Limits())
    # What staff answered to a SheetQuestion, by its kind: {"balance": "F", "decimal": "dot"}.
    answers: Mapping[str, str] = field(default_factory=dict)
    # The firm's users as a sheet may name them: names, initials and e-mails, case folded; empty where not known yet.
    people: frozenset[str] = frozenset()
    matters: frozenset[str] = frozenset()  # what Clio's matters go by, folded; empty where not known yet
