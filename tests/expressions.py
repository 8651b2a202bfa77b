"""What an expression of Python's comes to where some of its values are not known yet: these are UNKNOWN."""

import ast
import builtins
import operator
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any


class Unknown:
    """A value that only running would tell."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


class Expressions:
    """One function's names on one way through it, and what its expressions come to there."""

    def __init__(self, walk: Any, function: FunctionType, names: dict[str, Any]) -> None:
        self.walk, self.function, self.names = walk, function, names
        self.chosen: dict[ast.AST, int] = {}  # a loop goes the same way each time round

    def bind(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            values = list(value) if isinstance(value, tuple | list) else []
            fits = len(values) == len(target.elts) and not any(isinstance(one, ast.Starred) for one in target.elts)
            for place, part in enumerate(target.elts):
                self.bind(part, values[place] if fits else UNKNOWN)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, UNKNOWN)

    def is_so(self, node: ast.expr, value: Any) -> bool:
        return bool(value if known(value) else self.choose(node))

    def choose(self, node: ast.AST, ways: int = 2) -> int:
        if node not in self.chosen:
            self.chosen[node] = self.walk.choose(ways)
        return self.chosen[node]

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
        if node.id in self.names:
            return self.names[node.id]
        return self.function.__globals__.get(node.id, getattr(builtins, node.id, UNKNOWN))

    def _see_attribute(self, node: ast.Attribute) -> Any:
        if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}:
            return self.walk.method(node.attr)
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
            if self.is_so(one, value) is not goes_on:
                return value
        return value

    def _see_ifexp(self, node: ast.IfExp) -> Any:
        return self.see(node.body if self.is_so(node.test, self.see(node.test)) else node.orelse)

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
        self.bind(node.target, value)
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
            return [*value.values(), UNKNOWN][self.choose(node, max(len(value), 1))]
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
        for value in each(self.see(loops[0].iter)):
            self.bind(loops[0].target, value)
            for one in loops[0].ifs:
                self.see(one)
            yield from self._comprehended(loops[1:], make)

    def _see_call(self, node: ast.Call) -> Any:
        if self.walk.reader.called(node, lambda: self.see(node.args[0]), self.walk.within):
            for one in node.args[1:]:
                self.see(one)
            return UNKNOWN
        does = self.see(node.func)
        args = self.see(ast.Tuple(node.args))
        named = {one.arg: self.see(one.value) for one in node.keywords if one.arg}
        if does in self.walk.reader.sized and isinstance(args, tuple) and not known(args):
            return does(*(("a", "b") if one is UNKNOWN else one for one in args))
        if isinstance(does, FunctionType) and args is not UNKNOWN:
            found = self.walk.inline(does, list(args), named)
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
            return does in self.walk.reader.nodes and does.__name__ not in {"stamp", "now"}
        return type(getattr(does, "__self__", None)) in {str, list, tuple, dict} or does in {len, sorted, min, max}


def known(value: Any) -> bool:
    """Tell whether a value has nothing in it that only running would tell."""
    if isinstance(value, tuple | list | set | frozenset):
        return all(map(known, value))
    return value is not UNKNOWN


def each(value: Any) -> list[Any]:
    """Give what a loop runs over: one unknown thing where that is not known."""
    try:
        return [UNKNOWN] if not known(value) and not isinstance(value, tuple | list) else list(value)
    except TypeError:
        return [UNKNOWN]
