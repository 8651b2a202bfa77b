"""The docs name what the code has."""

import re
from pathlib import Path

from brought_forward.bot.matching.rules import RULES, Code
from brought_forward.bot.settings import Settings, Timing
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
