"""What values the copy of the reference meets: of fields, clamps, tables, and what is watched.

A value is a bit of a group. Groups come from three places, none of which the reference knows of:

- calls in its source (`clamp`, `min` and `max` of two, `leb`, `ranged`, `raw`): which way each
  went, or whether the least and the greatest value of the field were read;
- its tables: each entry, row and symbol that was used;
- `WATCHED`: what some functions are given or give, counted where they are called.
"""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any

from .watched import WATCHED

__all__ = ["Marks", "Seen", "Sites", "watch"]

ROUTE = "_value"
ASKED = "asked "
_EACH = 3  # fields of so few bits are to have each of their values
_SIDES = {"clamp": ("never below", "never above"), "min": ("not the first", "not the second")}
_SIDES |= {"max": _SIDES["min"], "leb": ("never the least", "never the greatest")}
_SIDES |= {"ranged": _SIDES["leb"], "raw": ("never 0", "never all ones")}
_ARGUMENTS = {"clamp": 3, "min": 2, "max": 2, "leb": 3, "ranged": 4, "raw": 1}


class Seen:
    """groups: what each bit means; bits: what was met since it was cleared.

    Those of tables are there when the table was asked for; asked: by which calls.
    """

    def __init__(self) -> None:
        self.groups: dict[str, Sequence[str]] = {}
        self.bits: dict[str, int] = {}
        self.asked: set[tuple[str, str]] = set()  # function, arguments as JSON
        self.tables: dict[str, Callable[..., Any]] = {}

    def note(self, group: str, bit: int) -> None:
        self.bits[group] = self.bits.get(group, 0) | 1 << bit

    def take(self) -> dict[str, str]:
        """What was met, for a state file."""
        return {group: hex(bits) for group, bits in self.bits.items()} | {
            f"{ASKED}{name} {given}": "0x1" for name, given in self.asked
        }

    def ask_as(self, taken: Iterable[str]) -> None:
        """Have the groups of the tables that others asked for, by the keys of what they took."""
        for key in taken:
            if key.startswith(ASKED):
                name, _, given = key.removeprefix(ASKED).partition(" ")
                self.tables[name](*json.loads(given))


class Marks(ast.NodeVisitor):
    """Names the calls of a module's source that are to be watched, before it is changed."""

    def __init__(self, module: str, seen: Seen) -> None:
        self._module = module
        self._seen = seen
        self._function = ""
        self._names: Counter[str] = Counter()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self._function = self._function, node.name
        self.generic_visit(node)
        self._function = outer

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        method = isinstance(node.func, ast.Attribute)
        word = getattr(node.func, "attr" if method else "id", "")
        number = sum(2 if isinstance(each, ast.Starred) else 1 for each in node.args)
        if method != (word in ("leb", "raw")) or number != _ARGUMENTS.get(word):
            return
        if node.keywords or self._function in ("clamp", "leb", "raw", "ranged"):
            return
        name = f"{self._module}.{self._function}: {ast.unparse(node)}"
        self._names[name] += 1
        if self._names[name] > 1:
            name = f"{name} ({self._names[name]})"
        labels: tuple[str, ...] = _SIDES[word]
        if word == "raw" and isinstance(node.args[0], ast.Constant):
            bits = node.args[0].value
            if isinstance(bits, int) and bits <= _EACH:
                labels = tuple(f"never {value}" for value in range(1 << bits))
        self._seen.groups[name] = labels
        node.group = name  # type: ignore[attr-defined]


class Sites(ast.NodeTransformer):
    """Sends the marked calls through `Route`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        group = getattr(node, "group", None)
        if group is None:
            return node
        word = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
        given = [ast.Constant(group), ast.Constant(word), node.func, *node.args]
        return ast.Call(ast.Name(ROUTE, ast.Load()), given, [])


def route(seen: Seen) -> Callable[..., Any]:
    """What the copy calls in place of a marked call."""

    def value(group: str, word: str, function: Callable[..., Any], *given: Any) -> Any:
        result = function(*given)
        if word == "clamp":
            v, low, high = given
            if not low <= v <= high:
                seen.note(group, int(v > high))
        elif word in ("min", "max"):
            if given[0] != given[1]:
                seen.note(group, int(result == given[1]))
        elif word == "raw":
            if len(seen.groups[group]) > 2 or given[0] == 1:
                seen.note(group, result)
            elif given[0] > 0 and result in (0, (1 << given[0]) - 1):
                seen.note(group, int(result > 0))
        else:
            low, high = given[-3:-1]
            for bit, end in enumerate((low, high)):
                if result == end:
                    seen.note(group, bit)
        return result

    return value


class _Entries(tuple[Any, ...]):
    """A table that notes which of its entries are used."""

    seen: Seen
    group: str

    @classmethod
    def of(cls, values: Iterable[Any], seen: Seen, group: str) -> _Entries:
        made = cls(values)
        made.seen, made.group = seen, group
        seen.groups.setdefault(group, range(len(made)))  # type: ignore[arg-type]
        return made

    def __getitem__(self, index: Any) -> Any:
        chosen = range(len(self))[index]
        for bit in [chosen] if isinstance(chosen, int) else chosen:
            self.seen.note(self.group, bit)
        return super().__getitem__(index)

    def __iter__(self) -> Any:
        self.seen.bits[self.group] = (1 << len(self)) - 1
        return super().__iter__()


class _Slots(tuple[Any, ...]):
    """The slots of a histogram, which note the symbols that are decoded."""

    seen: Seen
    group: str
    begin: int

    def __getitem__(self, index: Any) -> Any:
        slot = super().__getitem__(index)
        self.seen.note(self.group, self.begin + slot[0])
        return slot


def _watched_tables(seen: Seen, modules: dict[str, ModuleType]) -> dict[Any, Any]:
    """The functions that give tables, and those that take their place."""
    kept: dict[Any, Any] = {}

    def like(function: Callable[..., Any], make: Callable[..., Any]) -> None:
        made: dict[Any, Any] = {}

        def watched(*given: Any) -> Any:
            values = function(*given)
            seen.asked.add((function.__name__, json.dumps(given)))
            if given not in made:
                made[given] = make(values, *given)
            return made[given]

        kept[function] = seen.tables[function.__name__] = watched

    def histograms(rows: tuple[Any, ...], name: str, symbols: int) -> Any:
        group = f"symbols of {name}"
        there = [{slot[0] for slot in row} for row in rows]
        seen.groups[group] = [
            f"{symbol} of {n}" if symbol in used else ""
            for n, used in enumerate(there)
            for symbol in range(symbols)
        ]
        made = []
        for n, row in enumerate(rows):
            slots = _Slots(row)
            slots.seen, slots.group, slots.begin = seen, group, n * symbols
            made.append(slots)
        return tuple(made)

    conventions, rans = modules["conventions"], modules["rans"]
    like(conventions.table, lambda v, name: _Entries.of(v, seen, f"entries of {name}"))
    like(conventions.table_rows, lambda v, name, _: _Entries.of(v, seen, f"rows of {name}"))
    like(rans.histograms, histograms)
    return kept


def watch(seen: Seen, modules: dict[str, ModuleType]) -> None:
    """Watch the tables and functions of these modules, the copy's."""
    kept = _watched_tables(seen, modules)
    for each in WATCHED:
        seen.groups[each.group] = [
            label if number not in each.never else "" for number, label in enumerate(each.labels)
        ]
    by_function: dict[str, list[Any]] = {}
    for each in WATCHED:
        by_function.setdefault(each.function, []).append(each)
    for name, watches in by_function.items():
        module, *path = name.split(".")
        owner: Any = modules[module]
        for part in path[:-1]:
            owner = getattr(owner, part)
        function = getattr(owner, path[-1])
        watched = _noting(function, watches, seen)
        if isinstance(owner, type):
            setattr(owner, path[-1], watched)
        else:
            kept[function] = watched
    for module_of in modules.values():
        for name, value in list(vars(module_of).items()):
            if callable(value) and getattr(value, "__hash__", None) and value in kept:
                setattr(module_of, name, kept[value])


def _noting(function: Callable[..., Any], watches: list[Any], seen: Seen) -> Callable[..., Any]:
    def watched(*given: Any, **named: Any) -> Any:
        result = function(*given, **named)
        for each in watches:
            for bit in each.met(given, result):
                seen.note(each.group, bit)
        return result

    return watched
