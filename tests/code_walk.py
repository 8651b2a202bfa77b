"""A walk through code as Python would run it, but for values that nobody knows yet.

Where such a value decides which way is taken, each way is walked, one after the other. What is called is walked through
in its place only where it is told so; whatever does no more than put texts and lists together is called for real.
"""

import ast
import inspect
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import Any, Protocol

from expressions import UNKNOWN, Expressions, each

WAYS = 4000  # through one function


class Ended(Exception):  # noqa: N818
    """The function has returned."""

    def __init__(self, value: Any = None) -> None:
        self.value = value


class Skipped(Exception):  # noqa: N818
    """The rest of a loop's body is not run."""


class Reader(Protocol):
    """Whoever wants to know what is called, and with what."""

    nodes: dict[FunctionType, ast.FunctionDef]  # code that may be walked through
    whose: dict[FunctionType, type]  # the class of what is a method
    within: set[FunctionType]  # these are walked through where they are called
    sized: set[Any]  # what these write depends on how long a list is, and on nothing else of it

    def called(self, node: ast.Call, text: Callable[[], Any], within: list[FunctionType]) -> bool:
        """Hear of a call in the last function of `within`. Returns whether it is what was looked for."""


class _Choices:
    """Which way is taken at each place where nobody knows: all of them, one after the other."""

    def __init__(self) -> None:
        self._left: list[int] = []  # at each place, how many ways are left beside the one that is taken
        self._at = 0

    def choose(self, ways: int) -> int:
        """Take one of so many ways."""
        if self._at == len(self._left):
            self._left.append(ways - 1)
        self._at += 1
        return self._left[self._at - 1]

    def again(self) -> bool:
        """Take the next way. Returns False where all were taken."""
        while self._left and not self._left[-1]:
            self._left.pop()
        self._at = 0
        if self._left:
            self._left[-1] -= 1
        return bool(self._left)


class Walk:
    """All ways through a function."""

    def __init__(self, reader: Reader, function: FunctionType) -> None:
        self.reader, self._root = reader, function
        self._choices = _Choices()
        self.within: list[FunctionType] = []

    def all_ways(self) -> None:
        """Take each way."""
        for _ in range(WAYS):
            self._call(self._root, {})
            if not self._choices.again():
                return
        raise AssertionError(f"too many ways lead through {self._root.__qualname__}")

    def _call(self, function: FunctionType, given: dict[str, Any]) -> Any:
        node = self.reader.nodes[function]
        self.within.append(function)
        names = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        names += [one.arg for one in (node.args.vararg, node.args.kwarg) if one]
        frame = _Frame(self, function, dict.fromkeys(names, UNKNOWN) | given)
        try:
            frame.run(node.body)
        except Ended as end:
            return end.value
        except Skipped:
            return UNKNOWN
        finally:
            self.within.pop()
        return None

    def choose(self, ways: int) -> int:
        return self._choices.choose(ways)

    def method(self, name: str) -> Any:
        """Find a function of the class that is walked through."""
        cls = self.reader.whose.get(self._root)
        return inspect.unwrap(getattr(cls, name, UNKNOWN)) if cls else UNKNOWN

    def inline(self, function: FunctionType, args: list[Any], named: dict[str, Any]) -> Any:
        """Walk through what is called, where that is wanted."""
        if function not in self.reader.within or function in self.within:
            return UNKNOWN
        names = [one.arg for one in self.reader.nodes[function].args.args if one.arg != "self"]
        return self._call(function, defaults(function) | dict(zip(names, args, strict=False)) | named)


def defaults(function: FunctionType) -> dict[str, Any]:
    """Give what a function takes where it is given nothing."""
    parameters = inspect.signature(function).parameters.values()
    return {one.name: one.default for one in parameters if one.default is not inspect.Parameter.empty}


class _Frame(Expressions):
    """The statements of one function on one way through it."""

    def run(self, body: Iterable[ast.stmt]) -> None:
        for one in body:
            getattr(self, f"_run_{type(one).__name__.lower()}", self._run_other)(one)

    def _run_other(self, node: ast.stmt) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.see(child)

    def _run_assign(self, node: ast.Assign) -> None:
        value = self.see(node.value)
        for target in node.targets:
            self.bind(target, value)

    def _run_annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target, self.see(node.value))

    def _run_augassign(self, node: ast.AugAssign) -> None:
        self.bind(node.target, self.see(ast.BinOp(_loaded(node.target), node.op, node.value)))

    def _run_if(self, node: ast.If) -> None:
        self.run(node.body if self.is_so(node.test, self.see(node.test)) else node.orelse)

    def _run_for(self, node: ast.For) -> None:
        over = self.see(node.iter)
        for value in each(over) if over is not UNKNOWN or self.choose(node) else ():
            self.bind(node.target, value)
            try:
                self.run(node.body)
            except Skipped:
                continue
        self.run(node.orelse)

    def _run_while(self, node: ast.While) -> None:
        self.see(node.test)
        try:
            self.run(node.body)
        except Skipped:
            return

    def _run_with(self, node: ast.With) -> None:
        for item in node.items:
            value = self.see(item.context_expr)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value)
        self.run(node.body)

    def _run_try(self, node: ast.Try) -> None:
        if not node.handlers or self.choose(node):
            self.run([*node.body, *node.orelse])
        else:
            for handler in node.handlers:
                self.run(handler.body)
        self.run(node.finalbody)

    def _run_return(self, node: ast.Return) -> None:
        raise Ended(self.see(node.value) if node.value else None)

    def _run_raise(self, node: ast.Raise) -> None:
        raise Ended

    def _run_continue(self, node: ast.Continue) -> None:
        raise Skipped

    _run_break = _run_continue

    def _run_functiondef(self, node: ast.FunctionDef) -> None:
        self.run(node.body)


def _loaded(target: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(target), mode="eval").body
