"""The docs name what the code has."""

import re
from pathlib import Path

import yaml

from brought_forward.bot.cli import cli
from brought_forward.bot.matching.rules import RULES, Code
from brought_forward.bot.settings import Settings, Timing
from brought_forward.commands.balances import HELP
from brought_forward.storage.store import Store

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def test_settings_md_names_every_setting_and_no_other() -> None:
    text = (DOCS / "settings.md").read_text()
    named = set(re.findall(r"^\| `([A-Z][A-Z_]+)`", text, re.MULTILINE))
    assert named == {name.upper() for name in Settings.model_fields}


def test_settings_md_gives_every_wait_and_its_default() -> None:
    text = (DOCS / "settings.md").read_text()
    named = {name: float(value) for name, value in re.findall(r"^\| `([a-z_]+)` \| ([0-9.]+)", text, re.MULTILINE)}
    assert named == {name: float(field.default) for name, field in Timing.model_fields.items()}


def test_rules_md_has_the_table_of_the_code() -> None:
    text = (DOCS / "rules.md").read_text()
    rows = re.findall(r"^\| `([a-z_]+)` \| (blocks|warns) \| (yes|no) \| (.+) \|$", text, re.MULTILINE)
    assert rows == [(one.code, one.effect, "yes" if one.anyway else "no", one.sentence) for one in RULES]
    assert {one.code for one in RULES} == set(Code)


def test_run_md_names_every_table(tmp_path: Path) -> None:
    store = Store(tmp_path / "empty.db")
    with store.transaction() as db:
        tables = {name for name in db.table_names() if not name.startswith(("_", "sqlite"))}
    store.close()
    text = (DOCS / "run.md").read_text()
    assert {table for table in tables if f"`{table}`" not in text} == set()


def test_every_link_between_the_docs_leads_somewhere() -> None:
    for page in [ROOT / "README.md", *DOCS.glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert "://" in link or (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_make_target_in_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    targets |= {name for names in re.findall(r"^PROOFS := (.+)$", makefile, re.MULTILINE) for name in names.split()}
    assert set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text())) <= targets


def test_every_command_stands_in_run_md_and_in_the_manifest() -> None:
    verbs = set(re.findall(r"`/balances ([a-z]+)", HELP)) - {"help"}
    text = (DOCS / "run.md").read_text()
    hint = (ROOT / "manifest.yml").read_text().partition("usage_hint:")[2].splitlines()[0]
    assert {verb for verb in verbs if not re.search(rf"`(/balances )?{verb}[ `]", text)} == set()
    assert {verb for verb in verbs if not re.search(rf"\b{verb}\b", hint)} == set()


def test_every_command_of_the_command_line_stands_in_the_docs() -> None:
    pages = "\n".join(page.read_text() for page in [ROOT / "README.md", *DOCS.glob("*.md")])
    names = [command.name or command.callback.__name__ for command in cli.registered_commands if command.callback]
    assert {name for name in names if f"brought-forward {name}" not in pages} == set()


def test_install_md_names_every_scope_and_event() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    text = (DOCS / "install.md").read_text()
    asked = {*manifest["oauth_config"]["scopes"]["bot"], *manifest["settings"]["event_subscriptions"]["bot_events"]}
    assert {one for one in asked if f"`{one}`" not in text} == set()
