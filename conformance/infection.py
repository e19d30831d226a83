"""Which vectors can notice a mutant: those in which the expression it changes has another value.

A copy of the reference evaluates the expressions around the places of some mutants twice, as they
are and as the mutants have them. Where all values are alike a mutant is the reference itself, so
such a vector need not be asked: what is left for it are the few that may notice it, and of a mutant
without any it is known that a new vector, or a reason, is wanted.
"""

from __future__ import annotations

import ast
import copy
import functools
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

from .branches import Measured
from .in_process import Answer, outcome_of
from .mutants import MODULES, Mutant, changed_tree, source_of
from .suite import HERE, Entry

__all__ = ["Twofold", "begin", "infected_by", "places_of", "watched"]

_TWICE, _SCALARS = "_twice", (int, str, bytes, bool, type(None), range, tuple)
_PURE = {"abs", "all", "any", "bool", "ceil_div", "clamp", "divmod", "enumerate", "int", "len"}
_PURE |= {"list", "map", "max", "min", "range", "reversed", "sorted", "sum", "tuple", "unzigzag"}
_PURE |= {"zip"}
_PURE_METHODS = {"bit_length", "count", "get", "index", "items", "keys", "near", "values"}
_LAZY = {"enumerate", "map", "reversed", "zip"}
_FRESH = (ast.List, ast.ListComp, ast.BinOp, ast.Tuple, ast.Call, ast.Dict, ast.Set, ast.Compare)

Path_ = tuple[tuple[str, int | None], ...]
Place = tuple[str, Path_, ast.expr]  # module, where, and what the mutant has there


@functools.cache
def _tree(module: str) -> ast.Module:
    return ast.parse(source_of(module).read_text("utf-8"))


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield name, None, value
        elif isinstance(value, list):
            for i, each in enumerate(value):
                if isinstance(each, ast.AST):
                    yield name, i, each


def _path_of(node: ast.AST, other: ast.AST) -> Path_ | None:
    """The way to the outermost node that differs; None if none does."""
    if type(node) is not type(other):
        return ()
    mine, its = list(_children(node)), list(_children(other))
    if [each[:2] for each in mine] != [each[:2] for each in its]:
        return ()
    if isinstance(node, (ast.Constant, ast.Name, ast.Attribute)):
        for field in ("value", "id", "attr"):
            a, b = getattr(node, field, None), getattr(other, field, None)
            if a != b and not isinstance(a, ast.AST):
                return ()
    ways = [
        ((name, i), *found)
        for (name, i, a), (_, _, b) in zip(mine, its, strict=True)
        if (found := _path_of(a, b)) is not None
    ]
    if not ways:
        return None
    last = _at(node, ways[0])
    return (
        () if len(ways) > 1 or isinstance(last, (ast.operator, ast.cmpop, ast.boolop)) else ways[0]
    )


def _at(node: Any, path: Path_) -> Any:
    for name, i in path:
        node = getattr(node, name)
        node = node if i is None else node[i]
    return node


def _is_pure(node: ast.AST) -> bool:
    """Whether it may be evaluated once more, and nothing else is changed."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            method = isinstance(each.func, ast.Attribute)
            word = getattr(each.func, "attr" if method else "id", "")
            if word not in (_PURE_METHODS if method else _PURE):
                return False
        if isinstance(each, (ast.NamedExpr, ast.Yield, ast.Await, ast.Lambda)):
            return False
        if isinstance(getattr(each, "ctx", None), (ast.Store, ast.Del)) and not isinstance(
            each, (ast.Name, ast.Tuple)
        ):
            return False
    return True


def _is_value(node: ast.AST) -> bool:
    """Whether its value can be compared."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _LAZY:
        return False
    stored = isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))
    return (
        isinstance(node, ast.expr)
        and not isinstance(node, (ast.GeneratorExp, ast.Slice))
        and (not stored)
    )


def _widest(tree: ast.AST, path: Path_) -> Path_ | None:
    """Of the expressions of a function around a node, the widest that can be watched."""
    inside = False
    for length in range(len(path) + 1):
        node = _at(tree, path[:length])
        if inside and _is_value(node) and _is_pure(node):
            return path[:length]
        if isinstance(node, ast.FunctionDef):
            inside = length < len(path) and path[length][0] == "body"
    return None


def places_of(mutant: Mutant) -> tuple[list[Place], list[ast.stmt]] | None:
    """Where its values are watched, and the mutant's definitions if it changes one.

    None: it cannot be watched, as what it changes runs when a module is loaded.
    """
    tree = _tree(mutant.module)
    other = changed_tree(mutant)
    path = _path_of(tree, other)
    assert path is not None
    if mutant.text == "require dropped":
        where = (*path, ("value", None), ("args", 0))
        pure = _is_pure(_at(tree, where))  # else what it reads is not read, whatever it is
        return [(mutant.module, where, ast.Constant(True if pure else None))], []
    widest = _widest(tree, path)
    if widest is not None:
        return [(mutant.module, widest, _at(other, widest))], []
    return _of_definition(mutant, tree.body[path[0][1] or 0], other)


def _of_definition(
    mutant: Mutant, changed: ast.stmt, other: ast.Module
) -> tuple[list[Place], list[ast.stmt]] | None:
    """The uses of a constant of a module, and its definition by another name."""
    name = _target(changed)
    if name is None:
        return None
    rename = _Renamed(name, f"_as_{mutant.module}_{mutant.number}")
    places = []
    for module in MODULES:
        tree = _tree(module)
        imported = any(
            alias.name == name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module == mutant.module
            for alias in node.names
        )
        for path in _uses(tree, name) if imported or module == mutant.module else ():
            widest = _widest(tree, path)
            if widest is None:
                return None  # in another definition
            places.append((module, widest, rename.visit(copy.deepcopy(_at(tree, widest)))))
    return places, [rename.visit(copy.deepcopy(s)) for s in other.body if _target(s) == name]


def _target(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return getattr(node.targets[0], "id", None)
    if isinstance(node, (ast.AnnAssign, ast.AugAssign)):
        return getattr(node.target, "id", None)
    return None


def _uses(node: ast.AST, name: str, path: Path_ = ()) -> Iterator[Path_]:
    for field, i, child in _children(node):
        if isinstance(child, ast.Name) and child.id == name and isinstance(child.ctx, ast.Load):
            yield (*path, (field, i))
        yield from _uses(child, name, (*path, (field, i)))


class _Renamed(ast.NodeTransformer):
    def __init__(self, name: str, other: str) -> None:
        self.name, self.other = name, other

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.other, node.ctx) if node.id == self.name else node


class Twofold(Measured):
    """A copy of the reference that notes which of some mutants would have had another value."""

    def __init__(self, name: str, mutants: list[Mutant]) -> None:
        self.mutants = mutants
        self.met: set[int] = set()
        self.watched: set[int] = set()
        self._places: dict[str, dict[Path_, list[tuple[int, ast.expr]]]] = {}
        self._definitions: dict[str, list[ast.stmt]] = defaultdict(list)
        for number, mutant in enumerate(mutants):
            found = None if mutant.table else places_of(mutant)
            if found is None:
                continue
            self.watched.add(number)
            for module, path, expression in found[0]:
                of = self._places.setdefault(module, defaultdict(list))
                of[path].append((number, expression))
            if found[1]:  # one that cannot be evaluated is met where it is used
                handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [ast.Pass()])
                self._definitions[mutant.module].append(ast.Try(found[1], [handler], [], []))
        super().__init__(HERE / "reference", name)
        defined = {
            key: value
            for module in self.modules.values()
            for key, value in vars(module).items()
            if key.startswith("_as_")
        }
        for each in self.modules.values():
            vars(each).update(defined)

    def _instrumented(self, path: Path) -> CodeType:
        tree = ast.parse(path.read_text("utf-8"))
        places = self._places.get(path.stem, {})
        for place in sorted(places, key=len, reverse=True):  # inner ones first
            owner, (name, i) = _at(tree, place[:-1]), place[-1]
            node = _at(tree, place)
            others = [
                ast.Tuple([ast.Constant(number), _thunk(other)], ast.Load())
                for number, other in places[place]
            ]
            fresh = ast.Constant(isinstance(node, _FRESH))
            call = ast.Call(ast.Name(_TWICE, ast.Load()), [fresh, node, *others], [])
            if i is None:
                setattr(owner, name, call)
            else:
                getattr(owner, name)[i] = call
        tree.body += self._definitions[path.stem]
        code: CodeType = compile(ast.fix_missing_locations(tree), str(path), "exec")
        return code

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        spec = super().find_spec(fullname, path, target)
        if spec is not None:
            loader: Any = spec.loader
            loader._given[_TWICE] = self._twice
        return spec

    @property
    def _twice(self) -> Callable[..., Any]:
        met = self.met

        def twice(fresh: bool, value: Any, *others: tuple[int, Callable[[], Any]]) -> Any:
            for number, other in others:
                if number in met:
                    continue
                try:
                    its = other()
                except Exception:  # noqa: BLE001 - so would the mutant
                    met.add(number)
                    continue
                alike = its is value or (
                    (fresh or isinstance(value, _SCALARS)) and bool(its == value)
                )
                if not alike:
                    met.add(number)
            return value

        return twice

    def run(self, entry: Entry) -> frozenset[int]:
        """The mutants of which a vector may notice something."""
        self.begin()
        self.met.clear()
        decoder, conventions = self.modules["decode"], self.modules["conventions"]

        def decode(*given: Any) -> Answer:
            result = decoder.decode(*given)
            return result.raw(), result.meta()

        damaged = (conventions.Damaged, conventions.NotDctz)
        outcome_of(decode, entry, damaged, conventions.Refusal)
        return frozenset(self.met)


def _thunk(node: ast.expr) -> ast.expr:
    nothing = ast.arguments(
        posonlyargs=[], args=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[]
    )
    return ast.Lambda(nothing, node)


_twofold: Twofold | None = None


def begin(mutants: list[Mutant]) -> None:
    global _twofold
    _twofold = Twofold(f"{__package__}.twofold", mutants)


def watched() -> dict[int, Mutant]:
    """Those of the mutants that can be watched, by number."""
    assert _twofold is not None
    return {number: _twofold.mutants[number] for number in _twofold.watched}


def infected_by(entry: Entry) -> frozenset[int]:
    assert _twofold is not None
    return _twofold.run(entry)
