"""The mutants of the reference decoder: a number, operator, statement, rule or entry changed."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .suite import HERE

__all__ = ["MODULES", "TABLES", "Mutant", "changed_table", "changed_tree", "mutants_of"]

MODULES = tuple(
    sorted(path.stem for path in (HERE / "reference").glob("*.py") if path.stem != "__init__")
)
TABLES = "tables"
"""The name of what is no module: the files of `spec/tables`."""

_COMMAND_LINE = ("main", "end_with_crash")  # of `decode`: `run --decoder reference` asks those
_SWAPS = 12  # of neighbours in each table
# Thresholds, of which those are counted that a number reaches: in any order, so one is moved there.
_COUNTED = tuple(
    f"lossy-{name}.txt"
    for name in ("dc-thresholds", "level-thresholds", "sign-thresholds", "srgb", "srgb-deep")
)
_ENCODERS = ("lossy-field.txt", "lossy-pruning.txt")  # chapter 3: no clause reads them
# Methods and functions that read a number without a sign and hold it against a range, and how many
# arguments there are up to its least value. Where that is 0 nothing is below it: -1 is the same
# decoder, whatever the file, and no mutant.
_LEAST = {"leb": 1, "ranged": 2}
_COMPARED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_COMPARED |= {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
_OPERATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
_OTHER_NAME = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """A change of the n-th place of a module, or of two neighbours, or a threshold, of a table.

    module: or TABLES. number: of the place; of a table, where the first of the neighbours stands.
    line: where it is, 0 of a table. text: what is changed there. key: its name, which an edit of
    other lines leaves as it is. table: the file's name.
    """

    module: str
    number: int
    line: int
    text: str
    key: str
    table: str = ""


class _Places(ast.NodeTransformer):
    """Counts places; changes the chosen one."""

    def __init__(self, chosen: int = -1) -> None:
        self.chosen = chosen
        self.found: list[tuple[int, str, str]] = []  # line, function, what
        self._function = ""
        self._never_below: set[ast.AST] = set()

    def _here(self, node: ast.AST, text: str) -> bool:
        self.found.append((getattr(node, "lineno", 0), self._function, text))
        return len(self.found) - 1 == self.chosen

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name in _COMMAND_LINE:
            return node
        outer, self._function = self._function, node.name
        node.args.defaults = [self.visit(each) for each in node.args.defaults]
        node.args.kw_defaults = [each and self.visit(each) for each in node.args.kw_defaults]
        node.body = [self.visit(each) for each in node.body]
        self._function = outer
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(each) for each in node.body]
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return node  # of types, for who reads

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return node if node.arg == "strict" else self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        named = {each.id for each in ast.walk(node.test) if isinstance(each, ast.Name)}
        if named & {"__name__", "__package__"}:  # what a module does as a script
            return node
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool):
            if self._here(node, f"not {node.value}"):
                return ast.copy_location(ast.Constant(not node.value), node)
        elif isinstance(node.value, int):
            for more, sign in ((1, "+"), (-1, "-")):
                if more < 0 and node in self._never_below:
                    continue
                if self._here(node, f"{node.value} {sign} 1"):
                    return ast.copy_location(ast.Constant(node.value + more), node)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        if self._here(node, f"{type(node.op).__name__} to {other.__name__}"):
            node.op = other()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not | ast.USub) and self._here(
            node, f"{type(node.op).__name__} dropped"
        ):
            return node.operand
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        other = _OPERATED.get(type(node.op))
        if other and self._here(node, f"{type(node.op).__name__} to {other.__name__}"):
            node.op = other()
        return self._dropped(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        return self._dropped(node)

    def _dropped(self, node: ast.stmt) -> ast.AST:
        if self._function and self._here(node, "dropped"):
            return ast.copy_location(ast.Pass(), node)
        return node

    def visit_Break(self, node: ast.Break) -> ast.AST:
        return ast.copy_location(ast.Continue(), node) if self._here(node, "continue") else node

    def visit_Continue(self, node: ast.Continue) -> ast.AST:
        return ast.copy_location(ast.Break(), node) if self._here(node, "break") else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        inner = node.value
        if not (isinstance(inner, ast.Subscript) and _differ(inner.slice, node.slice)):
            return node
        if self._here(node, "indices swapped"):
            inner.slice, node.slice = node.slice, inner.slice
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        for i, operator in enumerate(node.ops):
            other = _COMPARED.get(type(operator))
            if other and self._here(node, f"{type(operator).__name__} to {other.__name__}"):
                node.ops[i] = other()
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        other = _OPERATED.get(type(node.op))
        if other and self._here(node, f"{type(node.op).__name__} to {other.__name__}"):
            node.op = other()
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        word = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
        if word in _LEAST:
            self._never_below |= {
                each
                for each in node.args[: _LEAST[word]]
                if isinstance(each, ast.Constant) and each.value == 0
            }
        self.generic_visit(node)
        if getattr(node.func, "id", "") == "clamp" and self._here(node, "clamp dropped"):
            return node.args[0]
        name, other = node.func, _OTHER_NAME.get(word)
        if isinstance(name, ast.Name) and other and self._here(node, f"{word} to {other}"):
            name.id = other
        two = word != "zip" and not other and len(node.args) > 1 and _differ(*node.args[:2])
        if two and self._here(node, "arguments swapped"):
            node.args[:2] = node.args[1::-1]
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if self._here(node, "raise dropped"):
            return ast.copy_location(ast.Pass(), node)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        call = node.value
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "require":
            if self._here(node, "require dropped"):
                return ast.copy_location(ast.Pass(), node)
            call.args[0] = self.visit(call.args[0])
            return node
        if isinstance(call, ast.Constant):
            return node
        self.generic_visit(node)
        return self._dropped(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node


def _differ(one: ast.AST, other: ast.AST) -> bool:
    return ast.dump(one) != ast.dump(other)


def source_of(module: str) -> Path:
    return HERE / "reference" / f"{module}.py"


def mutants_of(module: str, tables: Path) -> list[Mutant]:
    """All of a module, or of the table files in the folder `tables`."""
    if module == TABLES:
        paths = sorted(path for path in tables.glob("*.txt") if path.name not in _ENCODERS)
        return [mutant for path in paths for mutant in _table_mutants(path)]
    text = source_of(module).read_text("utf-8")
    places = _Places()
    places.visit(ast.parse(text))
    lines = text.splitlines()
    seen: Counter[str] = Counter()
    found = []
    for number, (line, function, what) in enumerate(places.found):
        name = f"{module}.{function}: {lines[line - 1].strip()}: {what}"
        seen[name] += 1
        key = name if seen[name] == 1 else f"{name} ({seen[name]})"
        found.append(Mutant(module, number, line, what, key))
    return found


def changed_tree(mutant: Mutant) -> ast.Module:
    """The module's tree with the mutant's change."""
    tree = ast.parse(source_of(mutant.module).read_text("utf-8"))
    changed: ast.Module = _Places(mutant.number).visit(tree)
    return ast.fix_missing_locations(changed)


def _table_mutants(path: Path) -> list[Mutant]:
    words = _words(path.read_text("ascii"))
    pairs = [i for i in range(len(words) - 1) if words[i] != words[i + 1]]
    chosen = pairs[:: max(1, len(pairs) // _SWAPS)][:_SWAPS]
    if path.name in _COUNTED:
        told = {i: (f"{words[i]} + 1", f"entry {i} + 1") for i in chosen}
    else:
        told = {
            i: (f"{words[i]} and {words[i + 1]} swapped", f"entries {i} and {i + 1} swapped")
            for i in chosen
        }
    return [
        Mutant(TABLES, i, 0, text, f"{path.name}: {key}", path.name)
        for i, (text, key) in told.items()
    ]


def _words(text: str) -> list[str]:
    return [word for line in text.splitlines() if line[:1] != "#" for word in line.split()]


def changed_table(mutant: Mutant, text: str) -> str:
    """The table's text with two neighbours swapped, or a threshold moved."""
    words = _words(text)
    i = mutant.number
    if mutant.table in _COUNTED:
        words[i] = str(int(words[i]) + 1)
    else:
        words[i], words[i + 1] = words[i + 1], words[i]
    return "\n".join(words) + "\n"
