"""A short run of tests/sheet/fuzz.py; `make fuzz` reads 50,000 files."""

import pytest
from fuzz import is_amount_of, look
from golden import NAMES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import Cell, SheetCells
from brought_forward.bot.sheet.read import SheetRules, read_cells


@pytest.mark.parametrize("name", NAMES)
def test_a_mutated_sheet_is_refused_or_asked_about_or_read_without_changing_an_amount(name):
    for seed in range(7_000, 7_004):
        assert look(name, seed, whole=False) in {"refused", "asked", "read"}
    assert look(name, 7_004, whole=True) in {"refused", "asked", "read"}


cells: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.floats(),
    st.booleans(),
    st.text(max_size=12),
    st.sampled_from(
        ["Matter", "Balance", "Client", "Total", "Total for 7", "Client: 7", "1.234", "(5.00)", "7", "  7"]
    ),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(cells, max_size=4), max_size=12))
def test_any_cells_are_read_or_refused_with_a_sentence(rows):
    sheet = SheetCells("AR.csv", 1, 1, [["Matter", "Balance", "Client", "Invoice"], *rows])
    try:
        reading = read_cells([sheet], SheetRules("USD", day_first=False))
    except SheetError as sentence:
        assert str(sentence).endswith((".", "?"))
        return
    for line in reading.lines:
        assert is_amount_of(line.amount, sheet.rows[line.row - 1][1])
