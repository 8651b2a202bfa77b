"""The docs name what the code has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from targets import listed, targets

from brought_forward.bot.cli.main import cli
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


def test_the_readmes_example_is_all_that_a_bot_attached_to_an_app_needs() -> None:
    found = re.search(r"Settings\(([^)]*\))\n?", (ROOT / "README.md").read_text())
    assert found
    settings = eval(f"Settings({found[1].replace('...', repr('token'))})", {"Settings": Settings})
    assert settings.balances_approvers == ("U0123ABCD",)


def test_settings_md_gives_every_wait_and_its_default() -> None:
    text = (DOCS / "settings.md").read_text()
    named = {name: float(value) for name, value in re.findall(r"^\| `([a-z_]+)` \| ([0-9.]+)", text, re.MULTILINE)}
    assert named == {name: float(field.default) for name, field in Timing.model_fields.items()}


def test_rules_md_has_the_table_of_the_code() -> None:
    text = (DOCS / "rules.md").read_text()
    rows = re.findall(r"^\| `([a-z_]+)` \| (blocks|warns) \| (yes|no) \| (.+) \|$", text, re.MULTILINE)
    assert rows == [(one.code, one.effect, "yes" if one.anyway else "no", one.sentence) for one in RULES]
    assert {one.code for one in RULES} == set(Code)


def test_each_threat_is_shown_by_a_test_that_there_is() -> None:
    rows = re.findall(r"^\| .+ \| (tests/.+) \|$", (DOCS / "security.md").read_text(), re.MULTILINE)
    assert len(rows) >= 15
    for shown in ", ".join(rows).split(", "):
        file, _, name = shown.partition("::")
        tests = {one.name for one in ast.walk(ast.parse((ROOT / file).read_text())) if isinstance(one, ast.FunctionDef)}
        assert name in tests, shown


def test_run_md_has_a_row_for_every_table_and_no_other(tmp_path: Path) -> None:
    store = Store(tmp_path / "empty.db")
    with store.transaction() as db:
        tables = {name for name in db.table_names() if not name.startswith(("_", "sqlite"))}
    store.close()
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", run_md("The file"), re.MULTILINE)
    assert sorted(name for row in rows for name in re.findall(r"`([a-z_]+)`", row)) == sorted(tables)


def test_run_md_has_a_row_for_every_button_and_no_other() -> None:
    named = re.findall(r"^\| \*\*([A-Z][A-Za-z' ]+)\*\*", run_md("Buttons"), re.MULTILINE)
    assert sorted(named) == sorted(set(buttons()))


def run_md(heading: str) -> str:
    """Read one part of run.md."""
    return (DOCS / "run.md").read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def buttons() -> Iterator[str]:
    """Read the labels of the code's buttons; of one with a size in it, what stands before that."""
    for page in sorted((ROOT / "bot").rglob("*.py")):
        for call in ast.walk(ast.parse(page.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "button":
                label = call.args[0].values[0] if isinstance(call.args[0], ast.JoinedStr) else call.args[0]
                assert isinstance(label, ast.Constant), f"{page.name}:{call.lineno}: a label that nobody can read here"
                yield str(label.value).strip()


def test_architecture_md_names_every_room_and_no_other() -> None:
    table = (DOCS / "architecture.md").read_text().partition("| room |")[2].partition("\n\n")[0]
    first = "\n".join(line.split("|")[1] for line in table.splitlines()[2:])
    rooms = {page.parent.name for page in (ROOT / "bot").glob("*/*.py")} | {"commands", "storage", "sandbox"}
    assert set(re.findall(r"([a-z_]+)/`", first)) == rooms
    assert set(re.findall(r"([a-z_]+\.py)", first)) == {page.name for page in (ROOT / "bot").glob("[!_]*.py")}


def test_architecture_md_names_only_files_and_folders_that_there_are() -> None:
    named = re.findall(
        r"`((?:bot|commands|storage|sandbox|tests)/[a-z_/]*(?:\.py)?)`", (DOCS / "architecture.md").read_text()
    )
    assert len(named) > 50
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_link_between_the_docs_leads_somewhere() -> None:
    for page in [ROOT / "README.md", *DOCS.glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert "://" in link or (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_picture_is_one_that_the_pages_tests_take_and_small() -> None:
    sources = "".join(page.read_text() for page in (ROOT / "tests" / "sandbox").glob("test_page*.py"))
    taken = {f"{name}.png" for name in re.findall(r'\.look\("([a-z-]+)"', sources)}
    there = {picture.name: picture.stat().st_size for picture in (DOCS / "pictures").iterdir()}
    assert set(there) == taken
    assert max(there.values()) < 150_000
    shown = {name for page in [ROOT / "README.md", *DOCS.glob("*.md")]
             for name in re.findall(r"\]\((?:docs/)?pictures/([^)]+)\)", page.read_text())}  # fmt: skip
    assert shown == taken


def test_the_docs_name_every_make_target_and_no_other() -> None:
    pages = "\n".join(page.read_text() for page in [ROOT / "README.md", *DOCS.glob("*.md")])
    assert set(re.findall(r"(?:`|^    |&& )make ([a-z-]+)", pages, re.MULTILINE)) == targets()


def test_the_page_of_proofs_has_a_claim_for_every_proof() -> None:
    shown = set(re.findall(r"^\|.+\| `make ([a-z]+)`", (DOCS / "proofs.md").read_text(), re.MULTILINE))
    assert set(listed("PROOFS")) - shown == set()


def test_run_md_has_a_row_for_every_command_and_no_other() -> None:
    verbs = set(re.findall(r"`/balances ([a-z]+)", HELP))
    assert sorted(re.findall(r"^\| `/balances ([a-z]+)", run_md("Commands"), re.MULTILINE)) == sorted(verbs)


def test_no_page_names_a_command_that_there_is_not() -> None:
    verbs = set(re.findall(r"`/balances ([a-z]+)", HELP))
    for page in [ROOT / "README.md", *DOCS.glob("*.md")]:
        assert set(re.findall(r"`/balances ([a-z]+)", page.read_text())) <= verbs, page.name


def test_the_docs_name_every_command_of_the_command_line_and_no_other() -> None:
    pages = "\n".join(page.read_text() for page in [ROOT / "README.md", *DOCS.glob("*.md")])
    names = {command.name or command.callback.__name__ for command in cli.registered_commands if command.callback}
    names |= {str(group.name) for group in cli.registered_groups}
    assert set(re.findall(r"brought-forward ([a-z]+(?:-[a-z]+)?)", pages)) == names


def test_install_md_names_every_scope_and_event_and_no_other() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    asked = {*manifest["oauth_config"]["scopes"]["bot"], *manifest["settings"]["event_subscriptions"]["bot_events"]}
    text = (DOCS / "install.md").read_text().partition("What the app asks for")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z_]+(?::[a-z]+)?)`", text)) == asked


def test_every_setting_in_the_pages_is_one() -> None:
    known = {name.upper() for name in Settings.model_fields}
    for page in [ROOT / "README.md", *DOCS.glob("*.md")]:
        named = set(re.findall(r"`((?:BALANCES|CLIO|SLACK)_[A-Z_]+)", page.read_text()))
        assert named <= known, page.name


SETTING = re.compile(r"\b(BALANCES|CLIO|SLACK)_[A-Z]")


def texts(file: Path) -> Iterator[str]:
    """Give every text of a module that is no docstring."""
    tree = ast.parse(file.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def test_no_words_of_a_thread_name_a_setting() -> None:
    """Who reads a thread knows no settings; those who install read them on the command line and at the start."""
    told = [
        f"{file.relative_to(ROOT)}: {text}"
        for folder in ("bot", "commands")
        for file in sorted((ROOT / folder).rglob("*.py"))
        if "cli" not in file.parts and file.parent.name != "settings" and file.name != "app.py"
        for text in texts(file)
        if SETTING.search(text)
    ]
    assert told == []
