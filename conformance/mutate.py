"""Mutates the reference decoder in this process and asks whether the vectors notice.

    python -m conformance.mutate [--module NAME] [--every N] [--jobs N]

A mutant changes one number by one, one comparison, one arithmetic operator, or drops one `require`.
It is run on the small vectors that reach its line, the smallest first, until one answer is wrong.
Mutants that no vector notices are printed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from conformance import reference as reference_package
from conformance.in_process import outcome_of, reference
from conformance.judge import judge
from conformance.reference.conventions import Damaged, NotDctz, Refusal
from conformance.suite import HERE, Entry, load

PACKAGE = reference_package.__name__
MODULES = (
    *("conventions", "container", "prefix", "rans", "transform_colour", "lossy", "lossy_filter"),
    *("lossless", "prediction", "lzw", "lzw_tables", "lzw_predict", "frame"),
)
SECONDS = 20
MOST_VECTORS = 60
MOST_BYTES = 500  # of samples: larger vectors are left out
COMPARED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq}
COMPARED |= {ast.NotEq: ast.Eq}
OPERATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}


@dataclass(frozen=True)
class Mutant:
    """A change of the n-th place of a module that can be changed."""

    module: str
    number: int
    line: int
    text: str


class Places(ast.NodeTransformer):
    """Counts places; changes the chosen one."""

    def __init__(self, chosen: int = -1) -> None:
        self.chosen = chosen
        self.found: list[tuple[int, str]] = []

    def here(self, node: ast.AST, text: str) -> bool:
        self.found.append((getattr(node, "lineno", 0), text))
        return len(self.found) - 1 == self.chosen

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, int) and not isinstance(node.value, bool):
            if self.here(node, f"{node.value} + 1"):
                return ast.copy_location(ast.Constant(node.value + 1), node)
            if self.here(node, f"{node.value} - 1"):
                return ast.copy_location(ast.Constant(node.value - 1), node)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        for i, operator in enumerate(node.ops):
            other = COMPARED.get(type(operator))
            if other is not None and self.here(node, f"{type(operator).__name__} negated or moved"):
                node.ops[i] = other()
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        other = OPERATED.get(type(node.op))
        if other is not None and self.here(node, f"{type(node.op).__name__} turned round"):
            node.op = other()
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        call = node.value
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "require":
            if self.here(node, "require dropped"):
                return ast.copy_location(ast.Pass(), node)
            call.args[0] = self.visit(call.args[0])
            return node
        if isinstance(call, ast.Constant):
            return node
        return self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return node


def source_of(name: str) -> tuple[Path, ast.Module]:
    path = HERE / "reference" / f"{name}.py"
    return path, ast.parse(path.read_text("utf-8"))


def mutants_of(name: str) -> list[Mutant]:
    places = Places()
    places.visit(source_of(name)[1])
    return [Mutant(name, i, line, text) for i, (line, text) in enumerate(places.found)]


def lines_reached(entry: Entry) -> set[tuple[str, int]]:
    """(module, line) of the reference that a vector reaches."""
    found: set[tuple[str, int]] = set()
    folder = str(HERE / "reference")

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith(folder):
            return None
        if event == "line" or event == "call":
            found.add((Path(name).stem, frame.f_lineno))
        return trace

    sys.settrace(trace)
    try:
        is_right(entry)
    finally:
        sys.settrace(None)
    return found


def is_right(entry: Entry) -> bool:
    return judge(entry, outcome_of(reference, entry, (Damaged, NotDctz), Refusal)) == ""


class TooSlow(Exception):  # noqa: N818 - no error, but a mutant that was noticed
    """A mutant that does not come to an end."""


def stop(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def clear_caches() -> None:
    for name in MODULES:
        module = importlib.import_module(f"{PACKAGE}.{name}")
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def survives(mutant: Mutant, entries: list[Entry]) -> bool:
    """Whether all these vectors still get the right answer."""
    path, tree = source_of(mutant.module)
    places = Places(mutant.number)
    changed = ast.fix_missing_locations(places.visit(copy.deepcopy(tree)))
    module: ModuleType = importlib.import_module(f"{PACKAGE}.{mutant.module}")
    kept = dict(vars(module))
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        scratch: dict[str, Any] = {"__name__": module.__name__, "__package__": PACKAGE}
        scratch["__file__"] = str(path)
        exec(compile(changed, str(path), "exec"), scratch)
        with _Replaced(module, kept, scratch):
            return all(is_right(entry) for entry in entries)
    except Exception:  # noqa: BLE001 - whatever a mutant raises, it was noticed
        return False
    finally:
        signal.alarm(0)


class _Replaced:
    """The mutant's functions in place of the module's, also where other modules imported them."""

    def __init__(self, module: ModuleType, kept: dict[str, Any], scratch: dict[str, Any]) -> None:
        errors = {
            name: value
            for name, value in kept.items()
            if isinstance(value, type) and issubclass(value, Exception)
        }
        scratch.update(errors)  # one set of exceptions for all
        self.names = {
            name: (kept[name], value)
            for name, value in scratch.items()
            if name in kept and name not in errors and not name.startswith("__")
            if getattr(value, "__module__", module.__name__) == module.__name__
        }
        everywhere = (*MODULES, "decode")
        self.modules = [importlib.import_module(f"{PACKAGE}.{name}") for name in everywhere]

    def _set(self, which: int) -> None:
        for module in self.modules:
            for name, pair in self.names.items():
                if name in vars(module) and vars(module)[name] is pair[1 - which]:
                    setattr(module, name, pair[which])
        clear_caches()

    def __enter__(self) -> None:
        self._set(1)

    def __exit__(self, *_: object) -> None:
        self._set(0)


def judge_mutant(task: tuple[Mutant, list[Entry]]) -> tuple[Mutant, bool]:
    return task[0], survives(*task)


def samples_of(entry: Entry) -> int:
    """Bytes of samples; refusals count as 100."""
    return sum(frame["bytes"] for frame in entry.get("frames", [{"bytes": 100}]))


def tasks(mutants: list[Mutant], entries: list[Entry]) -> Iterator[tuple[Mutant, list[Entry]]]:
    """Each mutant with the vectors that reach its line, small ones and refusals first."""
    by_size = [entry for entry in entries if samples_of(entry) <= MOST_BYTES]
    by_size.sort(key=samples_of)
    reached = [(entry, lines_reached(entry)) for entry in by_size]
    for mutant in mutants:
        place = (mutant.module, mutant.line)
        chosen = [entry for entry, lines in reached if place in lines]
        everywhere = chosen or by_size  # lines of definitions run when a module is loaded
        decoded = [entry for entry in everywhere if "frames" in entry]
        refused = [entry for entry in everywhere if "frames" not in entry]
        step = max(1, len(decoded) // MOST_VECTORS)
        yield mutant, [*decoded[::step], *refused]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="mutate")
    parser.add_argument("--module", action="append", choices=MODULES)
    parser.add_argument("--every", type=int, default=1, help="only each N-th mutant")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args(arguments)
    mutants = [m for name in given.module or MODULES for m in mutants_of(name)][:: given.every]
    survivors = []
    with ProcessPoolExecutor(given.jobs) as pool:
        work = tasks(mutants, load())
        for mutant, alive in pool.map(judge_mutant, work):
            if alive:
                survivors.append(mutant)
                print(f"survived: {mutant.module}.py:{mutant.line}: {mutant.text}", flush=True)
    print(f"{len(mutants)} mutants, {len(mutants) - len(survivors)} noticed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
