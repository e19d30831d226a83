"""A copy of the reference decoder that notes which way each of its branches goes, and what values.

The copy is made of the same source when it is loaded: each condition notes whether it was true or
false, each loop whether it was entered and whether it ran to its end, each function and handler
that it was reached. The reference itself stays as it is, and as fast.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any

from .values import ROUTE, Marks, Seen, Sites, route, watch

__all__ = ["Measured", "Spot"]

_TAKEN, _HITS = "_taken", "_hits"


@dataclass(frozen=True)
class Spot:
    """A way that a run may take. key: its name, which an edit of other lines leaves as it is.

    begin, end: the lines that run only on this way; 0, 0 if that is not known.
    """

    module: str
    line: int
    key: str
    begin: int = 0
    end: int = 0


class _Branches(ast.NodeTransformer):
    """Lets each branch of a module note the way it goes; appends those ways to `spots`."""

    def __init__(self, module: str, spots: list[Spot]) -> None:
        self._module = module
        self._spots = spots
        self._function = ""
        self._seen: Counter[str] = Counter()

    def _spot(self, node: ast.AST, text: str, body: Sequence[ast.AST] = ()) -> int:
        key = f"{self._module}.{self._function}: {text}"
        self._seen[key] += 1
        if self._seen[key] > 1:
            key = f"{key} ({self._seen[key]})"
        begin = getattr(body[0], "lineno", 0) if body else 0
        end = getattr(body[-1], "end_lineno", 0) if body else 0
        self._spots.append(Spot(self._module, getattr(node, "lineno", 0), key, begin, end))
        return len(self._spots) - 1

    def _note(self, node: ast.AST, text: str, body: Sequence[ast.AST] = ()) -> ast.stmt:
        target = ast.Subscript(
            ast.Name(_HITS, ast.Load()),
            ast.Constant(self._spot(node, text, body)),
            ast.Store(),
        )
        return ast.Assign([target], ast.Constant(1))

    def _condition(
        self, node: ast.expr, yes: Sequence[ast.AST] = (), no: Sequence[ast.AST] = ()
    ) -> ast.expr:
        """yes, no: what runs only if it is true, or false."""
        if isinstance(node, ast.BoolOp):
            every = isinstance(node.op, ast.And)
            *first, last = node.values
            node.values = [self._condition(value) for value in first]
            node.values.append(self._condition(last, yes if every else (), () if every else no))
            return node
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node.operand = self._condition(node.operand, no, yes)
            return node
        if isinstance(node, ast.Constant):
            return node
        text = ast.unparse(node)
        number = self._spot(node, f"{text} never true", yes)
        self._spot(node, f"{text} never false", no)
        called = ast.Name(_TAKEN, ast.Load())
        return ast.Call(called, [ast.Constant(number), self.visit(node)], [])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        outer, self._function = self._function, node.name
        note = self._note(node, "never called", node.body)
        node.body = [note, *(self.visit(each) for each in node.body)]
        self._function = outer
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        # Where a block refuses, the way up to it is what a file that is not refused shares.
        yes = () if isinstance(node.body[-1], ast.Raise) else node.body
        node.test = self._condition(node.test, yes, node.orelse)
        node.body = [self.visit(each) for each in node.body]
        node.orelse = [self.visit(each) for each in node.orelse]
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        node.test = self._condition(node.test, node.body)
        node.body = [self.visit(each) for each in node.body]
        node.orelse = [self.visit(each) for each in node.orelse]
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        text = f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}"
        entered = self._note(node, f"{text} never entered", node.body)
        ended = self._note(node, f"{text} never at its end", node.orelse)
        node.iter = self.visit(node.iter)
        node.body = [entered, *(self.visit(each) for each in node.body)]
        node.orelse = [ended, *(self.visit(each) for each in node.orelse)]
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        kind = ast.unparse(node.type) if node.type else "all"
        note = self._note(node, f"except {kind} never reached")
        node.body = [note, *(self.visit(each) for each in node.body)]
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        node.test = self._condition(node.test)
        node.body, node.orelse = self.visit(node.body), self.visit(node.orelse)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        *first, last = node.values
        node.values = [*(self._condition(value) for value in first), self.visit(last)]
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        node.iter = self.visit(node.iter)
        node.ifs = [self._condition(each) for each in node.ifs]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if getattr(node.func, "id", "") == "require":
            first, *others = node.args
            node.args = [self._condition(first), *(self.visit(each) for each in others)]
            return node
        return self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return node  # for the types, no branch of the text

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node


class _Loader(importlib.abc.InspectLoader):
    def __init__(self, code: CodeType, path: Path, given: dict[str, Any]) -> None:
        self._code, self._path, self._given = code, path, given

    def get_source(self, fullname: str) -> str:
        return self._path.read_text("utf-8")

    def get_code(self, fullname: str) -> CodeType:
        return self._code

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(self._given, __file__=str(self._path))
        exec(self._code, vars(module))


class Measured(importlib.abc.MetaPathFinder):
    """The modules of `folder` as a package of their own, `name`.

    hits: 1 where a spot was taken. seen: values, if they are watched, which the reference's are.
    """

    def __init__(self, folder: Path, name: str, *, watched: bool = False) -> None:
        self.folder = folder
        self.name = name
        self.spots: list[Spot] = []
        self.seen = Seen()
        self._watched = watched
        paths = sorted(path for path in folder.glob("*.py") if path.stem != "__init__")
        self._code = {path.stem: self._instrumented(path) for path in paths}
        self.hits = bytearray(len(self.spots))
        for stem in self._code:
            sys.modules.pop(f"{name}.{stem}", None)
        sys.modules[name] = package = ModuleType(name)
        package.__path__ = []
        sys.meta_path.insert(0, self)
        try:
            self.modules = {key: importlib.import_module(f"{name}.{key}") for key in self._code}
        finally:
            sys.meta_path.remove(self)
        self._caches: list[Callable[[], None]] = [
            value.cache_clear
            for module in self.modules.values()
            for value in vars(module).values()
            if hasattr(value, "cache_clear")
        ]
        self._as_loaded = bytes(self.hits)
        if watched:
            watch(self.seen, self.modules)

    def _instrumented(self, path: Path) -> CodeType:
        tree = ast.parse(path.read_text("utf-8"))
        if self._watched:
            Marks(path.stem, self.seen).visit(tree)
        changed = Sites().visit(_Branches(path.stem, self.spots).visit(tree))
        code: CodeType = compile(ast.fix_missing_locations(changed), str(path), "exec")
        return code

    def find_spec(
        self, fullname: str, path: Any, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        package, _, stem = fullname.rpartition(".")
        if package != self.name or stem not in self._code:
            return None
        given = {_HITS: self.hits, _TAKEN: self._taken, ROUTE: route(self.seen)}
        loader = _Loader(self._code[stem], self.folder / f"{stem}.py", given)
        return importlib.machinery.ModuleSpec(fullname, loader)

    @property
    def _taken(self) -> Callable[[int, Any], Any]:
        hits = self.hits

        def taken(number: int, value: Any) -> Any:
            hits[number if value else number + 1] = 1
            return value

        return taken

    def begin(self) -> None:
        """As after loading: nothing taken but what that takes, nothing cached."""
        self.hits[:] = self._as_loaded
        self.seen.bits.clear()
        self.seen.asked.clear()
        for clear in self._caches:
            clear()

    def block_of(self, trace: TracebackType | None, ignored: str) -> int | None:
        """The spot whose lines hold the innermost line of a traceback, but for module `ignored`."""
        found = None
        while trace is not None:
            path = Path(trace.tb_frame.f_code.co_filename)
            if path.parent == self.folder and path.stem != ignored:
                found = (path.stem, trace.tb_lineno)
            trace = trace.tb_next
        if found is None:
            return None
        module, line = found
        around = [
            (spot.end - spot.begin, number)
            for number, spot in enumerate(self.spots)
            if spot.module == module and 0 < spot.begin <= line <= spot.end
        ]
        return min(around)[1] if around else None
