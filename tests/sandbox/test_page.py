"""The sandbox's page in a real browser: from a file let go over the window to a ledger that is right to the cent."""

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from visitor import PHONE, TALL, WIDE, Visitor, cells, cents

from brought_forward.bot.cli.demo import ANSWER, CALLS, TIMING, WINDOW, ZONE, Journey
from brought_forward.bot.cli.process import BotProcess
from brought_forward.bot.cli.sandbox import Sandbox
from brought_forward.sandbox.clio import ClioSandbox, Firm, sample_firm
from brought_forward.sandbox.slack import SlackSandbox

Visit = Callable[..., Visitor]


def test_who_dropped_a_file_is_refused_and_only_they_are_told_so(visit: Visit, town: Sandbox) -> None:
    staff = visit(town)
    staff.drag(staff.rows(staff.matters(3)))
    staff.button("Approve 3 entries", staff.thread).click()
    staff.page.get_by_role("button", name="Not yet").click()
    assert not staff.page.locator("#confirm").is_visible()
    staff.thread.locator(".file", has_text="lines.xlsx").wait_for()
    staff.confirm("Approve 3 entries")
    refused = staff.thread.locator(".only-you")
    refused.get_by_text("You uploaded this file, so someone else approves it").wait_for()
    assert "Only visible to you" in refused.inner_text()
    staff.look("refused", scheme="dark")
    staff.become("manager")
    staff.button("Approve 3 entries", staff.thread).wait_for()
    assert staff.thread.locator(".only-you").count() == 0
    assert staff.held() == []
    assert staff.channel.locator(".item").count() == 1  # the file stands there once, however often the tab asked


def test_posting_is_followed_without_loading_the_page_and_undone(visit: Visit, town: Sandbox) -> None:
    manager = visit(town)
    rows = manager.rows(manager.matters(70))
    manager.drag(rows)
    manager.button("Approve 70 entries", manager.thread).wait_for()
    manager.page.evaluate("document.body.dataset.same = 'yes'")
    manager.approve()
    manager.thread.get_by_text(re.compile(r"Posting: \d+ of 70 posted")).wait_for()
    manager.posted()
    assert manager.page.evaluate("document.body.dataset.same") == "yes"
    assert sorted(int(entry.total * 100) for entry in manager.held()) == sorted(cents(row[2]) for row in rows)
    results = manager.thread.locator("details", has=manager.page.get_by_text("Result", exact=True))
    results.locator("summary").click()
    shown = cells(results.locator("tbody tr"))
    assert {(row[0], cents(row[2]), row[3]) for row in shown} == {(row[0], cents(row[2]), "Posted") for row in rows}
    results.get_by_role("link", name=rows[69][0]).click()  # there is one Clio here: its window
    manager.clio.locator("#clio-matters").get_by_text("$583.69").wait_for()
    manager.confirm("Undo")
    manager.thread.get_by_text(re.compile(r"70 of 70 reversed|all 70|70 entries")).last.wait_for()
    town.slack.wait_for(lambda: not manager.held(), timeout=40)


def test_a_line_is_put_right_in_the_form_by_a_search_while_one_types(visit: Visit, town: Sandbox) -> None:
    staff = visit(town)
    matters = staff.matters(3)
    rows = staff.rows(matters)
    rows[2][0] = f"{staff.mark}-Unknown"
    staff.drag(rows, "Mistyped.csv")
    staff.fix()
    matter = staff.modal.get_by_role("combobox").first
    matter.click()
    matter.press_sequentially(f"{staff.mark}02")
    staff.modal.get_by_role("option").filter(has_text=matters[2].display_number).click()
    staff.modal.get_by_text(matters[2].display_number).first.wait_for(state="attached")
    staff.look("fix-lines")
    staff.button("Save", staff.modal).click()
    staff.button("Approve 3 entries", staff.thread).wait_for()
    assert not staff.modal.is_visible()
    assert "revision 2" in staff.thread.inner_text()


def test_the_menu_of_a_preview_asks_and_the_question_is_answered(visit: Visit, town: Sandbox) -> None:
    staff = visit(town, "manager")
    staff.become("staff")
    staff.drag(staff.rows(staff.matters(2)))
    staff.button("Approve 2 entries", staff.thread).wait_for()
    staff.become("manager")
    for size in (PHONE, WIDE):
        staff.resize(size, "light")
        menu = staff.thread.locator(".menu").filter(has_text="Change the date")
        menu.locator("summary").click()
        choices = menu.locator(".menu-list button")
        assert choices.all_inner_texts() == ["Approve with a comment", "Ask", "Change the date"]
        box = menu.locator(".menu-list").bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= size[0], box
        if size == PHONE:
            menu.locator("summary").click()
    choices.get_by_text("Ask", exact=True).click()
    staff.modal.get_by_role("textbox").fill("Is this May?")
    staff.button("Ask", staff.modal).click()
    staff.thread.get_by_text("Held: @Joan Harris asks @Sal Romano").wait_for()
    staff.become("staff")
    staff.button("Answer", staff.thread).click()
    staff.modal.get_by_role("textbox").fill("Yes, May.")
    staff.button("Answer", staff.modal).click()
    staff.thread.get_by_text("Yes, May.").wait_for()
    staff.button("Approve 2 entries", staff.thread).wait_for()


def test_a_suggestion_is_taken_a_line_left_out_and_the_approval_given_with_a_comment(
    visit: Visit, town: Sandbox
) -> None:
    staff = visit(town)
    rows = staff.rows(staff.matters(3, " of Glasgow"))
    rows[2][0] = rows[2][0][:-1]
    staff.drag(rows, "Typo.csv")
    staff.fix()
    staff.modal.get_by_text("the only one near what the sheet says. Untick it").wait_for()
    staff.look("suggestions")
    staff.button("Accept 1 suggestion", staff.modal).click()
    staff.button("Approve 3 entries", staff.thread).wait_for()
    staff.fix()
    line = staff.modal.get_by_role("combobox").last
    line.click()
    line.press_sequentially(rows[0][0])
    staff.modal.get_by_role("option").filter(has_text="Row 2").click()
    staff.modal.get_by_text("Lines that you asked for").wait_for()
    staff.modal.get_by_label("Leave it out").check()
    staff.button("Save", staff.modal).click()
    staff.button("Approve 2 entries", staff.thread).wait_for()
    assert "revision 3" in staff.thread.inner_text()
    staff.become("manager")
    menu = staff.thread.locator(".menu").filter(has_text="Change the date")
    menu.locator("summary").click()
    menu.get_by_text("Approve with a comment", exact=True).click()
    staff.modal.get_by_role("textbox").fill("As agreed on Friday")
    staff.button("Post 2 entries", staff.modal).click()
    staff.posted()
    assert "As agreed on Friday" in staff.thread.inner_text()
    assert sorted(int(entry.total * 100) for entry in staff.held()) == sorted(cents(row[2]) for row in rows[1:])


def test_the_bot_killed_while_it_posts_doubles_nothing_and_its_ledger_is_the_demos(
    fresh_town: Sandbox, visit: Visit, tmp_path: Path
) -> None:
    town, manager = fresh_town, visit(fresh_town, own_channel=False)
    with ThreadPoolExecutor(1) as beside:
        demo = beside.submit(_play_the_demo, tmp_path)
        manager.sample("With problems")
        manager.button("Approve 57 entries", manager.thread).wait_for()
        manager.thread.locator(".file", has_text="to fix").wait_for()
        manager.look("preview", size=TALL)
        late = town.clio.faults.add("delay", method="POST", path="/activities.json", nth=24, times=None, seconds=20,
                                    when="after")  # fmt: skip
        manager.approve()
        town.slack.wait_for(lambda: len(town.clio.time_entries) >= 24, timeout=40)  # several may be under way at once
        manager.button("Kill the bot").click()
        manager.button("Start it again").wait_for()
        manager.clio.get_by_text("$291,844.86").wait_for()
        manager.look("killed")
        town.clio.faults.remove(late)
        manager.button("60×").click()
        manager.clio.get_by_text("Clio's minute lasts 1 s").wait_for()
        assert (town.desk.speed, town.clio.window) == (60, 1.0)
        manager.button("Start it again").click()
        manager.posted()
        manager.clio.locator("#clio-sums").get_by_text("57").nth(1).wait_for()
        assert manager.clio.locator("#clio-doubled, #clio-lost").all_inner_texts() == ["0", "0"]
        manager.look("results")
        assert _ledger(town.clio.firm) == demo.result()


def _play_the_demo(folder: Path) -> list[Any]:
    """Play `make demo`, and return what Clio holds then; its own proof must hold too."""
    with SlackSandbox() as slack, ClioSandbox(sample_firm(), limit=CALLS, window=WINDOW) as clio, ExitStack() as stack:
        clio.faults.add("delay", method="POST", path="/activities.json", times=None, seconds=ANSWER)
        bot = BotProcess(folder / "demo.db", folder / "demo.log", slack, clio, TIMING, zone=ZONE)
        stack.callback(bot.stop)
        assert Journey(Console(file=io.StringIO(), width=100), slack, clio, bot, verbose=False).play()
        return _ledger(clio.firm)


def _ledger(firm: Firm) -> list[Any]:
    return sorted(
        (firm.matters[one.matter_id or 0].display_number, firm.users[one.user_id].name, int(one.total * 100), one.note,
         one.date, one.flat_rate)
        for one in firm.time_entries
    )  # fmt: skip


TRICKS = (
    "<script>alert('matter')</script>",
    '<img src=x onerror="alert(1)">',
    "<!channel> & <@U0MANAGER1> pay",
    "<javascript:alert(1)|Clio Manage>",
    "javascript:alert(1)",
    '" onmouseover="alert(1)" x="',
    "{{ 7*7 }} ${7*7}",
)


def test_whatever_stands_in_a_cell_or_in_clio_is_shown_as_typed_and_does_nothing(visit: Visit, town: Sandbox) -> None:
    staff = visit(town)
    attorney = next(user for user in staff.firm.users if user.enabled and not user.clio_connect)
    numbers = [f"{staff.mark}{place}-{trick}" for place, trick in enumerate(TRICKS)]
    for number, trick in zip(numbers, TRICKS, strict=True):
        staff.firm.add_matter(number, client=trick, attorney=attorney)
    rows = [
        [number, attorney.name, f"{50 + place}.00", trick]
        for place, (number, trick) in enumerate(zip(numbers, TRICKS, strict=True))
    ]
    lost = [[f"{staff.mark}-lost-{trick}", trick, "10.00", trick] for trick in TRICKS]
    staff.drag([*rows, *lost], "<img src=x onerror=alert(1)>.csv")
    staff.button(f"Approve {len(TRICKS)} entries", staff.thread).wait_for()
    for trick in TRICKS:
        assert f"{staff.mark}-lost-{trick[:20]}" in staff.thread.text_content()
    staff.look("hostile")
    staff.fix()
    staff.button("Line by line", staff.modal).click()
    matter = staff.modal.get_by_role("combobox").first
    matter.click()
    matter.press_sequentially(staff.mark)
    staff.modal.get_by_role("option").filter(has_text=TRICKS[0]).wait_for()
    staff.page.keyboard.press("Escape")
    staff.page.keyboard.press("Escape")
    staff.modal.wait_for(state="hidden")
    staff.approve()
    staff.posted()
    table = staff.thread.locator("tbody th, tbody td").all_inner_texts()
    assert set(numbers) <= {" ".join(cell.split()) for cell in table}
    staff.clio.get_by_label("Search matters").fill(staff.mark)
    for trick, number in zip(TRICKS, numbers, strict=True):
        staff.clio.locator("#clio-matters").get_by_text(number, exact=True).wait_for()
        assert any(trick.replace("\n", " ") in entry.note for entry in staff.held())
    page = staff.page
    assert (
        page.locator(
            "#replies :is(img, iframe, object, embed, form:not(.write)), #replies [onerror], #replies [onmouseover]"
        ).count()
        == 0
    )
    assert page.locator("script").count() == 2  # the page's own
    hrefs = page.locator("a[href]").evaluate_all("all => all.map((one) => one.getAttribute('href'))")
    assert [href for href in hrefs if not re.match(r"/[?]|/slack/file/|#composer$|#clio-wanted$", href)] == []
