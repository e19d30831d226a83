"""Runs a decoder on vectors, a process for each. Clause `conformance.contract`."""

from __future__ import annotations

import json
import os
import queue
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from .judge import Outcome, judge
from .launcher import Launcher, Limits, wait
from .suite import HERE, MANIFEST, Entry, SuiteError, load

__all__ = [
    "CLAIMS",
    "Limits",
    "Report",
    "Result",
    "Selection",
    "arguments_of",
    "claims_of",
    "command_of",
    "needs",
    "read_known",
    "run_suite",
]

CLAIMS = ("region", "scale", "tolerant", "learned")
BUILT_IN = {
    "ours": HERE / "product_decoder.py",
    "reference": HERE / "reference" / "decode.py",
}


@dataclass(frozen=True)
class Selection:
    """Which entries run. texts: parts of ids; kinds, clauses: whole words; empty: all."""

    texts: Sequence[str] = ()
    kinds: Sequence[str] = ()
    clauses: Sequence[str] = ()

    def check(self, entries: Sequence[Entry]) -> None:
        """Raise SuiteError for a filter without a vector."""
        for text in self.texts:
            if not any(text in entry["id"] for entry in entries):
                raise SuiteError(f"no vector's id holds {text!r}")
        for kind in self.kinds:
            if not any(kind == entry["kind"] for entry in entries):
                raise SuiteError(f"no vector is of kind {kind!r}")
        for clause in self.clauses:
            if not any(clause in entry["clauses"] for entry in entries):
                raise SuiteError(f"no vector names clause {clause!r}")

    def has(self, entry: Entry) -> bool:
        return (
            (not self.texts or any(text in entry["id"] for text in self.texts))
            and (not self.kinds or entry["kind"] in self.kinds)
            and (not self.clauses or any(clause in entry["clauses"] for clause in self.clauses))
        )


@dataclass(frozen=True)
class Result:
    """What became of an entry: passed, failed, known (a listed failure), not claimed, left out."""

    id: str
    kind: str
    result: str
    reason: str = ""
    seconds: float = 0.0
    peak_bytes: int = 0


@dataclass
class Report:
    """What came out, in the manifest's order."""

    total: int
    results: list[Result] = field(default_factory=list)

    def of(self, result: str) -> list[Result]:
        return [each for each in self.results if each.result == result]

    @property
    def passed(self) -> list[str]:
        return [each.id for each in self.of("passed")]

    @property
    def failed(self) -> list[tuple[str, str]]:
        return [(each.id, each.reason) for each in self.of("failed")]

    @property
    def adds_up(self) -> bool:
        return len({each.id for each in self.results}) == len(self.results) == self.total

    @property
    def ok(self) -> bool:
        return bool(self.passed) and not self.failed and self.adds_up

    def line(self) -> str:
        count = {name: len(self.of(name)) for name in ("passed", "failed", "known")}
        known = f", {count['known']} failed as listed" if count["known"] else ""
        return (
            f"{sum(count.values())} run ({count['passed']} passed, {count['failed']} failed{known})"
            f" + {len(self.of('not claimed'))} not claimed"
            f" + {len(self.of('left out'))} left out by the filter"
            f" = {self.total} in the manifest"
        )


def needs(entry: Entry) -> set[str]:
    """What a decoder has to claim for this entry."""
    wanted = {
        "region": entry["region"] is not None,
        "scale": entry["scale"] > 1,
        "tolerant": entry["tolerant"],
        "learned": entry["id"].startswith("learned/"),
    }
    return {name for name, needed in wanted.items() if needed}


def arguments_of(entry: Entry) -> list[str]:
    """Options of the contract."""
    out = []
    if entry["region"] is not None:
        out += ["--region", ",".join(map(str, entry["region"]))]
    if entry["scale"] > 1:
        out += ["--scale", str(entry["scale"])]
    return out + ["--tolerant"] * entry["tolerant"]


def command_of(decoder: str) -> list[str]:
    """The command of a decoder by name or by command line. Raises SuiteError.

    Each process starts in a folder of its own, so the program, and words that look like paths and
    name files from here, become absolute.
    """
    script = BUILT_IN.get(decoder)
    if script:
        return [sys.executable, str(script)]
    try:
        words = shlex.split(decoder)
    except ValueError as error:
        raise SuiteError(f"--decoder {decoder}: {error}") from None
    program = shutil.which(words[0]) if words else None
    if program is None:
        raise SuiteError(f"--decoder {decoder}: there is no such program")
    return [os.path.abspath(program), *map(_from_here, words[1:])]


def _from_here(word: str) -> str:
    path = Path(word)
    is_path = path.suffix != "" or len(path.parts) > 1
    return str(path.absolute()) if is_path and path.is_file() else word


def claims_of(command: Sequence[str], seconds: float = 60.0) -> tuple[str, ...]:
    """What a decoder says of itself, asked with `--capabilities`. Raises SuiteError."""
    try:
        done = subprocess.run(
            [*command, "--capabilities"], capture_output=True, text=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise SuiteError(f"--capabilities did not end in {seconds:g} s") from None
    try:
        told = json.loads(done.stdout)
    except ValueError:
        told = None
    if done.returncode or not isinstance(told, list) or any(word not in CLAIMS for word in told):
        raise SuiteError(
            f"--capabilities gave {done.stdout[:80]!r} and exit status {done.returncode}, "
            f"not a JSON list of {', '.join(CLAIMS)}"
        )
    return tuple(told)


def read_known(path: Path, entries: Sequence[Entry]) -> dict[str, str]:
    """Known failures: a line for each, an id and, behind blanks, why. Raises SuiteError."""
    ids = {entry["id"] for entry in entries}
    known = {}
    for line in path.read_text("utf-8").splitlines():
        name, _, why = line.strip().partition(" ")
        if not name or name.startswith("#"):
            continue
        if name not in ids:
            raise SuiteError(f"{path}: no vector {name}")
        known[name] = why.strip()
    return known


def run_one(
    command: Sequence[str],
    entry: Entry,
    folder: Path,
    limits: Limits,
    launcher: Launcher | None = None,
) -> Result:
    """A decoder's answer to one vector, judged. launcher: what starts it in place of `command`."""
    with tempfile.TemporaryDirectory(prefix="dctz-vector-") as name:
        outputs = Path(name) / "out"
        outputs.mkdir()
        raw, meta, errors = outputs / "out.raw", outputs / "meta.json", Path(name) / "stderr"
        given = [*arguments_of(entry), str(folder / entry["file"]), str(raw), str(meta)]
        begin = time.monotonic()
        if launcher is not None:
            status, peak = launcher.run(given, outputs, errors, limits)
        else:
            with errors.open("wb") as stderr:
                process = subprocess.Popen(
                    [*command, *given],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=stderr,
                    cwd=outputs,
                    start_new_session=True,
                )
                status, peak = _wait(process, limits)
        seconds = time.monotonic() - begin
        with errors.open("rb") as told:
            first = told.read(300).decode("utf-8", "replace").strip()
        outcome = Outcome(
            status,
            raw.read_bytes() if raw.is_file() else None,
            meta.read_bytes() if meta.is_file() else None,
            tuple(sorted({path.name for path in outputs.iterdir()} - {raw.name, meta.name})),
            first,
            errors.stat().st_size,
        )
    wrong = judge(entry, outcome)
    if not wrong and limits.memory and peak > limits.memory:
        wrong = f"{peak} bytes of memory, {limits.memory} are allowed"
    return Result(
        entry["id"], entry["kind"], "failed" if wrong else "passed", wrong, round(seconds, 4), peak
    )


def _wait(process: subprocess.Popen[bytes], limits: Limits) -> tuple[int | None, int]:
    """Exit status (None: it had to be stopped) and peak of resident memory (0: not known)."""
    if not hasattr(os, "wait4"):
        try:
            return process.wait(limits.seconds), 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return None, 0
    status, peak = wait(process.pid, limits)
    process.returncode = -signal.SIGKILL if status is None else status
    return status, peak


def run_suite(
    command: Sequence[str],
    *,
    manifest: Path = MANIFEST,
    selection: Selection | None = None,
    claims: Sequence[str] = CLAIMS,
    known: Path | None = None,
    jobs: int = 2,
    limits: Limits | None = None,
    script: Path | None = None,
    tell: Callable[[Result], None] = lambda result: None,
) -> Report:
    """Run a decoder on the suite. Raises SuiteError for a suite or filter that is not right.

    script: of a decoder in Python, which is loaded once and copied for each vector.
    """
    entries = load(manifest)
    selection = selection or Selection()
    selection.check(entries)
    listed = read_known(known, entries) if known else {}
    bounds = limits or Limits()
    launchers: queue.SimpleQueue[Launcher] = queue.SimpleQueue()
    if script is not None and hasattr(os, "fork"):
        for _ in range(max(1, jobs)):
            launchers.put(Launcher(script))

    def run(entry: Entry) -> Result:
        if script is None or not hasattr(os, "fork"):
            return run_one(command, entry, manifest.parent, bounds)
        launcher = launchers.get()
        try:
            return run_one(command, entry, manifest.parent, bounds, launcher)
        finally:
            launchers.put(launcher)

    def result_of(entry: Entry) -> Result:
        if not selection.has(entry):
            return Result(entry["id"], entry["kind"], "left out")
        if needs(entry) - set(claims):
            return Result(entry["id"], entry["kind"], "not claimed")
        result = run(entry)
        return _as_listed(result, listed) if entry["id"] in listed else result

    report = Report(len(entries))
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        for result in pool.map(result_of, entries):
            report.results.append(result)
            tell(result)
    while not launchers.empty():
        launchers.get().close()
    return report


def _as_listed(result: Result, listed: dict[str, str]) -> Result:
    if result.result == "failed":
        reason = f"{result.reason} [listed: {listed[result.id]}]"
        return Result(result.id, result.kind, "known", reason, result.seconds, result.peak_bytes)
    reason = "passes, but is listed as a known failure"
    return Result(result.id, result.kind, "failed", reason, result.seconds, result.peak_bytes)
