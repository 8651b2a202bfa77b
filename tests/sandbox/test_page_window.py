"""The page as a window: hands that only have a keyboard, narrow screens, darkness, who one is, and Clio's switches."""

import re
from collections.abc import Callable

import pytest
import yaml
from python_calamine import CalamineWorkbook
from visitor import PHONE, TABLET, TALL, WIDE, Visitor

from brought_forward.bot.cli.sandbox import Sandbox
from brought_forward.sandbox.page import declared
from brought_forward.sandbox.slack import Message

Visit = Callable[..., Visitor]


def test_the_whole_journey_goes_by_keyboard_alone(visit: Visit, town: Sandbox) -> None:
    staff = visit(town)
    press, focused = staff.page.keyboard.press, staff.page.locator("*:focus")
    press("Tab")
    assert focused.inner_text() == "Skip to the message field"
    press("Enter")
    assert focused.get_attribute("aria-label") == f"Message #{staff.room}"
    staff.drag(staff.rows(staff.matters(2)))
    staff.button("Approve 2 entries", staff.thread).wait_for()
    with staff.drawn_anew():
        staff.page.locator("#who").focus()
        press("ArrowDown")
    assert staff.page.locator("#role").inner_text() == "Manager: may approve"
    _tab_to(staff, "Approve 2 entries")
    press("Enter")
    assert focused.inner_text() == "Post 2 entries"
    press("Escape")
    assert focused.inner_text() == "Approve 2 entries"
    press("Enter")
    press("Enter")
    staff.posted()
    assert len(staff.held()) == 2
    _tab_to(staff, "Close thread")
    assert focused.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    with staff.drawn_anew():
        press("Enter")
    assert not staff.thread.is_visible()


def _tab_to(visitor: Visitor, name: str) -> None:
    for _ in range(80):
        visitor.page.keyboard.press("Tab")
        if name in visitor.page.evaluate(
            "[document.activeElement.textContent.trim(), document.activeElement.ariaLabel]"
        ):
            return
    raise AssertionError(f"{name} cannot be reached by the Tab key")


def test_every_state_fits_a_phone_and_a_tablet_and_can_be_read_in_light_and_dark(visit: Visit, town: Sandbox) -> None:
    staff = visit(town)
    matters = staff.matters(5, ", Aldersgate & Whittingham-Fortescue Holdings of Northern Pennsylvania")
    rows = staff.rows(matters)
    staff.drag([*rows, [f"{staff.mark}-Unknown", "Nobody", "12.00", ""]])
    staff.button("Approve 5 entries", staff.thread).wait_for()
    pale: list[str] = []
    for scheme in ("light", "dark"):
        for size in (WIDE, TABLET, PHONE):
            staff.resize(size, scheme)
            staff.fits()
            pale += staff.pale()
            staff.fix()
            staff.modal.get_by_text("Row 7").first.wait_for()
            staff.fits()
            pale += staff.pale()
            staff.button("Cancel", staff.modal).click()
            staff.modal.wait_for(state="hidden")
            if size == PHONE:
                staff.page.get_by_role("button", name="Clio", exact=True).click()
                staff.clio.get_by_text("Clio's limit").wait_for()
                staff.fits()
                pale += staff.pale()
                staff.page.get_by_role("button", name="Slack", exact=True).click()
    assert sorted(set(pale)) == []
    staff.look("phone", size=PHONE)


def test_a_stand_in_approves_and_the_commands_say_what_is_signed_off_and_what_is_open(
    visit: Visit, town: Sandbox
) -> None:
    staff = visit(town)
    unknown = f"{staff.mark}-Unknown"
    staff.drag([*staff.rows(staff.matters(2)), [unknown, "", "77.70", ""]], "AR standin.csv")
    staff.button("Approve 2 entries", staff.thread).wait_for()
    batch = re.search(r"\b(B\d+), revision 1", staff.thread.inner_text())
    assert batch is not None
    staff.become("manager")
    staff.ask("standin @Harry Crane until tomorrow", "@Harry Crane stands in for you until")
    staff.thread.get_by_text("@Roger Sterling or @Harry Crane").first.wait_for()
    staff.become("outsider")
    staff.ask("standin", "@Harry Crane stands in for @Joan Harris until")
    staff.confirm("Approve 2 entries")
    staff.posted()
    staff.thread.get_by_text("Approved by @Harry Crane for @Joan Harris").first.wait_for()
    staff.become("manager")
    staff.ask("standin off", "@Harry Crane no longer stands in for you.")
    staff.ask(f"signoff {batch[1]}", f"The sign-off of {batch[1]} is on its way into its thread.")
    paper = staff.thread.get_by_label(f"Download AR standin {batch[1]} sign-off.xlsx")
    with staff.page.expect_download() as kept:
        paper.click()
    page = CalamineWorkbook.from_path(kept.value.path()).get_sheet_by_index(0).to_python()
    assert "Harry Crane approved, standing in for Joan Harris" in [row[1] for row in page]
    said = staff.ask("open", "Not brought forward yet:")
    mine = said.partition(f"AR standin.csv ({batch[1]}), $77.70")[2]
    assert f"row 4, {unknown}, $77.70: Clio has no matter of this number" in mine
    staff.ask("digest on", "I tell this channel each Monday from eight in the morning on")
    staff.ask("digest", "The weekly digest is on in this channel.")
    staff.ask("digest off", "This channel gets no digest any more.")


def test_the_home_tab_the_shortcuts_and_the_command_are_where_slack_has_them(visit: Visit, town: Sandbox) -> None:
    manager = visit(town, "manager")
    page = manager.page
    _go_home(manager)
    page.locator("#home").get_by_text("Waiting for me").wait_for()
    manager.look("home")
    manager.button("Bring a file forward").click()
    manager.modal.get_by_text("Channel").first.wait_for()
    manager.button("Cancel", manager.modal).click()
    with manager.drawn_anew():
        page.get_by_role("link", name=manager.room).click()
    field = page.get_by_label(f"Message #{manager.room}")
    field.press_sequentially("/balances s")
    hints = page.locator("#composer-hints")
    assert hints.get_by_role("option").all_inner_texts() == [
        "/balances status",
        "/balances show B12",
        "/balances stop B12",
        "/balances signoff B12",
        "/balances standin",
    ]
    field.press("ArrowDown")
    field.press("Enter")
    assert field.input_value() == "/balances status"
    field.fill("/balances help")
    field.press("Enter")
    answer = manager.channel.locator(".only-you")
    answer.get_by_text("/balances reconcile").first.wait_for()
    page.get_by_label("Add a file or use a shortcut").click()
    page.get_by_role("button", name="Bring balances forward").click()
    manager.modal.get_by_role("heading").wait_for()
    page.keyboard.press("Escape")
    manager.modal.wait_for(state="hidden")
    manager.become("guest")
    assert manager.channel.locator(".only-you").count() == 0


def _go_home(visitor: Visitor) -> None:
    for name in ("Brought Forward", "Home"):
        with visitor.drawn_anew():
            visitor.page.get_by_role("link", name=name, exact=name == "Home").click()


def test_an_administrator_changes_settings_in_the_form_and_is_told_what_is_wrong_at_its_field(
    visit: Visit, town: Sandbox
) -> None:
    manager, owner = visit(town, "manager"), visit(town, "partner")
    _go_home(manager)
    manager.page.locator("#home").get_by_text("Waiting for me").wait_for()
    assert manager.page.locator("#home").get_by_text("Administration").count() == 0
    home, slack = owner.page.locator("#home"), town.slack
    _go_home(owner)
    home.get_by_text("Administrators: the owners of this workspace").wait_for()
    home.get_by_role("button", name="Change settings").scroll_into_view_if_needed()
    owner.look("administration", size=TALL)
    owner.resize(WIDE, "light")
    owner.button("Change settings").click()
    owner.modal.get_by_text("Set where the bot is installed, so it can be changed only there.").first.wait_for()
    people = owner.modal.get_by_role("group", name="Administrators (optional)")
    people.get_by_label("Joan Harris").check()
    people.get_by_label("Roger Sterling").check()
    above = owner.modal.get_by_label("Two approvers above")
    above.fill("ten")
    owner.button("Save", owner.modal).click()
    owner.modal.get_by_text("ten is no sum. Write it with digits and a dot").wait_for()
    assert people.get_by_label("Joan Harris").is_checked()
    for size in (WIDE, TABLET, PHONE):
        owner.resize(size, "dark" if size == TABLET else "light")
        owner.fits()
        assert owner.pale() == []
    owner.look("settings-form")
    above.fill("250000")
    owner.button("Save", owner.modal).click()
    owner.modal.wait_for(state="hidden")
    home.get_by_text("Two approvers above: 250,000.00").wait_for()
    said = [slack.plain(one) for one in slack.messages(slack.manager) if one.user == slack.bot.id]
    assert any("Administrators: @manager and @partner, before: the owners of this workspace" in one for one in said)
    owner.button("Change settings").click()
    for name in ("Joan Harris", "Roger Sterling"):
        owner.modal.get_by_role("group", name="Administrators (optional)").get_by_label(name).uncheck()
    owner.modal.get_by_label("Two approvers above").fill("")
    owner.button("Save", owner.modal).click()
    home.get_by_text("Administrators: the owners of this workspace").wait_for()


def test_the_hints_are_the_manifests(pytestconfig: pytest.Config) -> None:
    manifest = yaml.safe_load((pytestconfig.rootpath / "manifest.yml").read_text())
    command = manifest["features"]["slash_commands"][0]
    assert (command["command"], command["usage_hint"]) == (declared.COMMAND, declared.USAGE)
    assert {one["callback_id"]: one["name"] for one in manifest["features"]["shortcuts"]} == declared.SHORTCUTS


def test_tables_are_turned_and_sorted_where_they_stand(visit: Visit, town: Sandbox) -> None:
    manager = visit(town)
    blocks = [{
        "type": "data_table", "caption": "Balances", "page_size": 5,
        "rows": [[{"type": "raw_text", "text": "Matter"}, {"type": "raw_text", "text": "Amount"}],
                 *([{"type": "raw_text", "text": f"M{place:02d}"},
                    {"type": "raw_number", "value": place * 37 % 101, "text": f"${place * 37 % 101}.00"}]
                   for place in range(12))],
    }]  # fmt: skip
    town.slack.workspace.post(Message(manager.own.id, town.slack.workspace.ts(), town.slack.bot.id, "A table", blocks))
    table = manager.channel.locator(".data-table")
    amounts = table.locator("tbody td")
    amounts.first.wait_for()
    assert table.locator(".turning span").inner_text() == "1-5 of 12"
    table.get_by_role("button", name="Rows after").click()
    table.get_by_text("6-10 of 12").wait_for()
    table.get_by_role("button", name="Amount").click()
    table.locator("[aria-sort=ascending]").wait_for()
    assert amounts.all_inner_texts() == ["$0.00", "$3.00", "$10.00", "$20.00", "$30.00"]
    table.get_by_role("button", name=re.compile("Amount")).click()
    table.locator("[aria-sort=descending]").wait_for()
    assert amounts.first.inner_text() == "$94.00"


def test_clios_switches_stop_the_bot_where_it_must_and_let_it_go_on_by_itself(visit: Visit, town: Sandbox) -> None:
    manager = visit(town)
    manager.drag(manager.rows(manager.matters(4)))
    manager.button("Approve 4 entries", manager.thread).wait_for()
    manager.clio.locator("summary").click()
    out = manager.clio.get_by_role("switch", name="Signed out")
    out.click()
    manager.clio.get_by_text("1 on: Clio signed out").wait_for()
    assert out.get_attribute("aria-checked") == "true"
    manager.approve()
    manager.thread.get_by_text("Clio no longer accepts our sign-in").wait_for()
    manager.look("paused")
    assert manager.held() == []
    manager.clio.get_by_role("switch", name="Signed out").click()
    manager.posted()
    assert len(manager.held()) == 4
