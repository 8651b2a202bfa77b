"""What an approver decides on fits one screen of a desk and two of a phone, at Slack's own sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from visitor import PHONE, WIDE, Visitor

from brought_forward.bot.cli.sandbox import Sandbox

Visit = Callable[..., Visitor]
SCREEN = WIDE[1]  # pixels of a desk's height
LOOKS = "(one) => { const looks = getComputedStyle(one); return [looks.fontSize, looks.lineHeight, looks.minHeight] }"


def preview(visitor: Visitor) -> Any:
    """Find the message that has the buttons of the decision."""
    return visitor.thread.locator("article.msg", has=visitor.page.get_by_role("button", name="Reject")).last


def heights(visitor: Visitor) -> tuple[float, float]:
    """Measure it on a desk and on a phone."""
    found = []
    for size in (WIDE, PHONE):
        visitor.resize(size, "light")
        visitor.fits()
        found.append(float(preview(visitor).bounding_box()["height"]))
    return found[0], found[1]


def hard(visitor: Visitor, entries: int) -> list[list[str]]:
    """Make a sheet of six users of which much is to be said: notes, a credit, lines that stay out, no proof."""
    rows = visitor.rows(visitor.matters(entries + 2))
    rows[0][3] = "Fees to October"
    rows[entries][2] = "-200.00"
    rows[entries + 1][1] = "Nemo"
    return [*rows, [f"{visitor.mark}-Unknown", rows[0][1], "1200.00", ""]]


def test_the_preview_of_six_users_fits_one_screen_and_two_of_a_phone_in_slacks_sizes(
    visit: Visit, town: Sandbox
) -> None:
    staff = visit(town)
    staff.drag(hard(staff, 12))
    staff.button("Approve 12 entries", staff.thread).wait_for()
    shown = preview(staff)
    assert shown.locator("table").first.locator("tbody tr").count() == 7  # six users and their total
    for fold in ("Totals: the largest matter is", "Why: 3 lines", "Which", "On the bills:"):
        assert shown.locator("summary", has_text=fold).count() == 1
    assert shown.locator(".section").first.evaluate(LOOKS)[:2] == ["15px", "22px"]
    assert shown.locator("td").first.evaluate(LOOKS)[:2] == ["15px", "22px"]
    assert shown.get_by_role("button", name="Reject").evaluate(LOOKS) == ["15px", "22px", "36px"]
    desk, phone = heights(staff)
    assert desk <= SCREEN
    assert phone <= 2 * PHONE[1]


def test_the_preview_of_many_users_and_lines_is_no_longer_though_bars_stand_in_the_tables_place(
    visit: Visit, town: Sandbox
) -> None:
    staff = visit(town)
    rows = hard(staff, 60)
    people = [staff.firm.add_user(f"Ada {'Quartermaine-' * 2}{place:02d}").name for place in range(25)]
    for place, row in enumerate(rows[:60]):
        row[1] = people[place % len(people)]
    staff.drag(rows)
    staff.button("Reject", staff.thread).wait_for()
    desk, phone = heights(staff)
    assert desk <= SCREEN
    assert phone <= 2 * PHONE[1]


def test_a_person_has_one_name_a_closed_form_stays_closed_and_the_windows_say_which_are_shown(
    visit: Visit, town: Sandbox
) -> None:
    staff = visit(town)
    staff.drag(hard(staff, 3))
    staff.button("Approve 3 entries", staff.thread).wait_for()
    said = preview(staff).inner_text()
    assert "@Joan Harris or @Roger Sterling" in said
    assert "@manager" not in said
    staff.fix()
    staff.modal.locator("#modal-title").wait_for()
    form = staff.modal.locator("form.form").evaluate("(form) => form.outerHTML")
    staff.button("Close", staff.modal).click()
    staff.modal.wait_for(state="hidden")
    late = "(html) => { const m = document.querySelector('#modal'); m.innerHTML = html; showModal(); return m.open }"
    assert staff.page.evaluate(late, form) is False  # news that was under way as it was closed
    assert staff.page.locator("[data-window=clio]").get_attribute("aria-pressed") == "true"
    staff.page.locator("[data-window=clio]").click()
    assert staff.page.locator("[data-window=clio]").get_attribute("aria-pressed") == "false"
    assert not staff.clio.is_visible()
    looks = "(one) => getComputedStyle(one, '::before').content"
    assert [staff.page.locator(f"[data-window={one}]").evaluate(looks) for one in ("slack", "clio")] == [
        '"✓ "', "none"]  # fmt: skip
