"""A walk through code as Python would run it, but for values that nobody knows yet: these are UNKNOWN.

Where such a value decides which way is taken, each way is walked, one after the other. What is called is walked through
in its place only where it is told so; whatever does no more than put texts and lists together is called for real.
"""

import ast
import builtins
import inspect
import operator
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType
from typing import Any, Protocol

WAYS = 4000  # through one function


class Unknown:
    """A value that only running would tell."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


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


class _Frame:
    """One function's names on one way through it."""

    def __init__(self, walk: Walk, function: FunctionType, names: dict[str, Any]) -> None:
        self._walk, self._function, self._names = walk, function, names
        self._chosen: dict[ast.AST, int] = {}  # a loop goes the same way each time round

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
            self._bind(target, value)

    def _run_annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._bind(node.target, self.see(node.value))

    def _run_augassign(self, node: ast.AugAssign) -> None:
        self._bind(node.target, self.see(ast.BinOp(_loaded(node.target), node.op, node.value)))

    def _run_if(self, node: ast.If) -> None:
        self.run(node.body if self._is_so(node.test, self.see(node.test)) else node.orelse)

    def _run_for(self, node: ast.For) -> None:
        over = self.see(node.iter)
        for value in _each(over) if over is not UNKNOWN or self._choose(node) else ():
            self._bind(node.target, value)
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
                self._bind(item.optional_vars, value)
        self.run(node.body)

    def _run_try(self, node: ast.Try) -> None:
        if not node.handlers or self._choose(node):
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

    def _bind(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self._names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            values = list(value) if isinstance(value, tuple | list) else []
            fits = len(values) == len(target.elts) and not any(isinstance(one, ast.Starred) for one in target.elts)
            for place, part in enumerate(target.elts):
                self._bind(part, values[place] if fits else UNKNOWN)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, UNKNOWN)

    def _is_so(self, node: ast.expr, value: Any) -> bool:
        return bool(value if known(value) else self._choose(node))

    def _choose(self, node: ast.AST, ways: int = 2) -> int:
        if node not in self._chosen:
            self._chosen[node] = self._walk.choose(ways)
        return self._chosen[node]

    # What an expression comes to

    def see(self, node: ast.expr) -> Any:
        """Tell what an expression comes to, UNKNOWN where only running would tell."""
        return getattr(self, f"_see_{type(node).__name__.lower()}", self._see_other)(node)

    def _see_other(self, node: ast.expr) -> Any:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.see(child)
        return UNKNOWN

    def _see_constant(self, node: ast.Constant) -> Any:
        return node.value

    def _see_name(self, node: ast.Name) -> Any:
        if node.id in self._names:
            return self._names[node.id]
        return self._function.__globals__.get(node.id, getattr(builtins, node.id, UNKNOWN))

    def _see_attribute(self, node: ast.Attribute) -> Any:
        if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}:
            return self._walk.method(node.attr)
        value = self.see(node.value)
        return UNKNOWN if value is UNKNOWN else getattr(value, node.attr, UNKNOWN)

    def _see_joinedstr(self, node: ast.JoinedStr) -> Any:
        parts = [self.see(one) for one in node.values]
        return UNKNOWN if UNKNOWN in parts else "".join(parts)

    def _see_formattedvalue(self, node: ast.FormattedValue) -> Any:
        value = self.see(node.value)
        return format(value) if known(value) else UNKNOWN

    def _see_binop(self, node: ast.BinOp) -> Any:
        left, right = self.see(node.left), self.see(node.right)
        does = {ast.Add: operator.add, ast.Mult: operator.mul, ast.Sub: operator.sub, ast.BitOr: operator.or_}
        if known(left) and known(right) and type(node.op) in does:
            try:
                return does[type(node.op)](left, right)
            except TypeError:
                return UNKNOWN
        return UNKNOWN

    def _see_boolop(self, node: ast.BoolOp) -> Any:
        goes_on = isinstance(node.op, ast.And)
        value = UNKNOWN
        for one in node.values:
            value = self.see(one)
            if self._is_so(one, value) is not goes_on:
                return value
        return value

    def _see_ifexp(self, node: ast.IfExp) -> Any:
        return self.see(node.body if self._is_so(node.test, self.see(node.test)) else node.orelse)

    def _see_compare(self, node: ast.Compare) -> Any:
        left, rights = self.see(node.left), [self.see(one) for one in node.comparators]
        does = {ast.Is: operator.is_, ast.IsNot: operator.is_not, ast.Eq: operator.eq, ast.NotEq: operator.ne,
                ast.In: lambda one, some: one in some, ast.NotIn: lambda one, some: one not in some}  # fmt: skip
        if len(rights) == 1 and known(left) and known(rights[0]) and type(node.ops[0]) in does:
            return does[type(node.ops[0])](left, rights[0])
        return UNKNOWN

    def _see_unaryop(self, node: ast.UnaryOp) -> Any:
        value = self.see(node.operand)
        return not value if known(value) and isinstance(node.op, ast.Not) else UNKNOWN

    def _see_namedexpr(self, node: ast.NamedExpr) -> Any:
        value = self.see(node.value)
        self._bind(node.target, value)
        return value

    def _see_tuple(self, node: ast.Tuple) -> Any:
        found = self._listed(node.elts)
        return UNKNOWN if found is UNKNOWN else tuple(found)

    def _see_list(self, node: ast.List | ast.Set) -> Any:
        return self._listed(node.elts)

    _see_set = _see_list

    def _listed(self, parts: list[ast.expr]) -> Any:
        found: list[Any] = []
        for one in parts:
            if isinstance(one, ast.Starred):
                more = self.see(one.value)
                if not isinstance(more, tuple | list):
                    return UNKNOWN
                found += more
            else:
                found.append(self.see(one))
        return found

    def _see_slice(self, node: ast.Slice) -> Any:
        parts = tuple(self.see(one) if one else None for one in (node.lower, node.upper, node.step))
        return slice(*parts) if known(parts) else UNKNOWN

    def _see_subscript(self, node: ast.Subscript) -> Any:
        value, key = self.see(node.value), self.see(node.slice)
        if isinstance(value, dict) and key is UNKNOWN:
            return [*value.values(), UNKNOWN][self._choose(node, max(len(value), 1))]
        try:
            return UNKNOWN if value is UNKNOWN or not known(key) else value[key]
        except (LookupError, TypeError):
            return UNKNOWN

    def _see_listcomp(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp) -> Any:
        return list(self._comprehended(node.generators, lambda: self.see(node.elt)))

    _see_generatorexp = _see_setcomp = _see_listcomp

    def _see_dictcomp(self, node: ast.DictComp) -> Any:
        list(self._comprehended(node.generators, lambda: (self.see(node.key), self.see(node.value))))
        return UNKNOWN

    def _comprehended(self, loops: list[ast.comprehension], make: Callable[[], Any]) -> Iterator[Any]:
        if not loops:
            yield make()
            return
        for value in _each(self.see(loops[0].iter)):
            self._bind(loops[0].target, value)
            for one in loops[0].ifs:
                self.see(one)
            yield from self._comprehended(loops[1:], make)

    def _see_call(self, node: ast.Call) -> Any:
        if self._walk.reader.called(node, lambda: self.see(node.args[0]), self._walk.within):
            for one in node.args[1:]:
                self.see(one)
            return UNKNOWN
        does = self.see(node.func)
        args = self.see(ast.Tuple(node.args))
        named = {one.arg: self.see(one.value) for one in node.keywords if one.arg}
        if does in self._walk.reader.sized and isinstance(args, tuple) and not known(args):
            return does(*(("a", "b") if one is UNKNOWN else one for one in args))
        if isinstance(does, FunctionType) and args is not UNKNOWN:
            found = self._walk.inline(does, list(args), named)
            if found is not UNKNOWN:
                return found
        if known(args) and known(tuple(named.values())) and self._is_harmless(does):
            try:
                return does(*args, **named)
            except Exception:  # noqa: BLE001
                return UNKNOWN
        return UNKNOWN

    def _is_harmless(self, does: Any) -> bool:
        """Tell whether to call what is called: it only puts texts and lists together."""
        if isinstance(does, type):
            return does in {str, int, list, tuple, dict, set, zip, enumerate, range, map}
        if isinstance(does, FunctionType):
            return does in self._walk.reader.nodes and does.__name__ not in {"stamp", "now"}
        return type(getattr(does, "__self__", None)) in {str, list, tuple, dict} or does in {len, sorted, min, max}


def _loaded(target: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(target), mode="eval").body


def known(value: Any) -> bool:
    """Tell whether a value has nothing in it that only running would tell."""
    if isinstance(value, tuple | list | set | frozenset):
        return all(map(known, value))
    return value is not UNKNOWN


def _each(value: Any) -> list[Any]:
    """Give what a loop runs over: one unknown thing where that is not known."""
    try:
        return [UNKNOWN] if not known(value) and not isinstance(value, tuple | list) else list(value)
    except TypeError:
        return [UNKNOWN]
