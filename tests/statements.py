"""Every SQL text that storage can run, found by reading its code and running none of it.

A text is often put together on the way, from a table's name, placeholders, or what a caller wants set. What takes a
part of its text from whoever calls it is read from there.
"""

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from code_walk import Walk

import brought_forward.storage.store as anchor
from brought_forward.storage.database import given, places

RUNS = {"rows", "row", "value", "tuples", "change", "change_each"}  # of a database: each takes the text first
DATABASES = {"self._file", "file"}
LIST, EMPTY = "IN (?, ?)", "IN (NULL)"
LISTS = re.compile(r"IN \((?:NULL|\?(?:, \?)*)\)")
TABLES = re.compile(r"\(VALUES \((CAST[^)]+\)(?:, CAST[^)]+\))*)\)(?:, \([?, ]+\))*\)")


@dataclass(frozen=True)
class Place:
    """Where a text is run."""

    module: str
    function: str
    line: int


def plain(sql: str) -> str:
    """Write a text with one length of list only: how many values a list has does not make it another."""
    return TABLES.sub(r"(VALUES (\1))", LISTS.sub(LIST, sql))


class Statements:
    """Read all of storage."""

    def __init__(self) -> None:
        self.nodes: dict[FunctionType, ast.FunctionDef] = {}
        self.whose: dict[FunctionType, type] = {}
        self.sized = {places, given}
        self.within: set[FunctionType] = set()  # their callers write a part of the text
        self.texts: dict[Place, set[str]] = {}
        for module in modules():
            for function, node, cls in _functions(module):
                self.nodes[function] = node
                if cls:
                    self.whose[function] = cls

    def places(self) -> set[Place]:
        """List the places where a text is run, by a look at the code alone."""
        return {
            _place(function, call)
            for function, node in self.nodes.items()
            for call in ast.walk(node)
            if isinstance(call, ast.Call) and _runs(call)
        }

    def collect(self) -> dict[Place, set[str]]:
        """Give the texts of each place."""
        before: set[FunctionType] | None = None
        while before != self.within:
            before = set(self.within)
            self.texts = {}
            for function in self.nodes.keys() - before:
                Walk(self, function).all_ways()
        return self.texts

    def called(self, node: ast.Call, text: Callable[[], Any], within: list[FunctionType]) -> bool:
        """Keep the text of a call that runs one; where nobody knows it here, whoever calls from outside does."""
        if not _runs(node):
            return False
        sql = text()
        if isinstance(sql, str):
            self.texts.setdefault(_place(within[-1], node), set()).add(plain(sql))
        else:
            self.within |= set(within)
        return True


def modules() -> list[ModuleType]:
    """Import every module of storage."""
    folder = Path(str(anchor.__file__)).parent
    names = sorted(one.stem for one in folder.glob("*.py") if one.stem != "__init__")
    return [importlib.import_module(f"brought_forward.storage.{name}") for name in names]


def _functions(module: ModuleType) -> Iterator[tuple[FunctionType, ast.FunctionDef, type | None]]:
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef):
            yield inspect.unwrap(getattr(module, node.name)), node, None
        if isinstance(node, ast.ClassDef):
            cls = getattr(module, node.name)
            for part in node.body:
                if isinstance(part, ast.FunctionDef):
                    made = inspect.getattr_static(cls, part.name)
                    made = made.fget if isinstance(made, property) else inspect.unwrap(getattr(made, "__func__", made))
                    yield made, part, cls


def _runs(node: ast.Call) -> bool:
    at = node.func
    return isinstance(at, ast.Attribute) and at.attr in RUNS and ast.unparse(at.value) in DATABASES


def _place(function: FunctionType, node: ast.Call) -> Place:
    return Place(function.__module__.rpartition(".")[2], function.__qualname__, node.lineno)
