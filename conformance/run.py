"""Runs a decoder on the conformance suite. Clause `conformance.contract`.

    python conformance/run.py --decoder CMD [--filter TEXT] [--claims WORDS] [--jobs N]
        [--seconds S] [--json FILE]

CMD is called as `CMD [--region X,Y,W,H] [--scale S] [--tolerant] in.dctz out.raw meta.json`, once a
vector, in a new empty folder, without a shell. `ours` and `reference` name the two decoders here.
Exit status 0: all passed; 1: something failed; 2: the suite or the arguments are not as they
should be.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
if __package__ in (None, ""):
    sys.path.insert(0, str(HERE.parent))

from conformance.judge import Outcome, judge  # noqa: E402
from conformance.suite import MANIFEST, Entry, SuiteError, load  # noqa: E402

CLAIMS = ("region", "scale", "tolerant")
BUILT_IN = {
    "ours": HERE / "product_decoder.py",
    "reference": HERE / "reference" / "decode.py",
}


@dataclass
class Report:
    """What came out. failed: id and reason."""

    total: int
    passed: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    not_claimed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return bool(self.passed) and not self.failed and self.adds_up

    @property
    def adds_up(self) -> bool:
        parts = (self.passed, self.failed, self.not_claimed, self.left_out)
        return sum(len(part) for part in parts) == self.total

    def line(self) -> str:
        run = len(self.passed) + len(self.failed)
        return (
            f"{run} run ({len(self.passed)} passed, {len(self.failed)} failed)"
            f" + {len(self.not_claimed)} not claimed + {len(self.left_out)} left out by the filter"
            f" = {self.total} in the manifest"
        )


def needs(entry: Entry) -> set[str]:
    """What a decoder has to claim for this entry."""
    wanted = {
        "region": entry["region"] is not None,
        "scale": entry["scale"] > 1,
        "tolerant": entry["tolerant"],
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


def run_one(command: Sequence[str], entry: Entry, folder: Path, seconds: float) -> str:
    """What is wrong with a decoder's answer to one vector, or ""."""
    with tempfile.TemporaryDirectory(prefix="dctz-vector-") as name:
        outputs = Path(name) / "out"
        outputs.mkdir()
        raw, meta, errors = outputs / "out.raw", outputs / "meta.json", Path(name) / "stderr"
        call = [*command, *arguments_of(entry), str(folder / entry["file"]), str(raw), str(meta)]
        with errors.open("wb") as stderr:
            process = subprocess.Popen(
                call,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                cwd=outputs,
                start_new_session=True,
            )
            try:
                status: int | None = process.wait(seconds)
            except subprocess.TimeoutExpired:
                status = None
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
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
        return judge(entry, outcome)


def run_suite(
    command: Sequence[str],
    *,
    manifest: Path = MANIFEST,
    filters: Sequence[str] = (),
    claims: Sequence[str] = CLAIMS,
    jobs: int = 2,
    seconds: float = 60.0,
) -> Report:
    """Run a decoder on the suite. Raises SuiteError for a suite or filter that is not right."""
    entries = load(manifest)
    for text in filters:
        if not any(text in entry["id"] for entry in entries):
            raise SuiteError(f"no vector's id holds {text!r}")
    report = Report(len(entries))
    chosen = []
    for entry in entries:
        if filters and not any(text in entry["id"] for text in filters):
            report.left_out.append(entry["id"])
        elif needs(entry) - set(claims):
            report.not_claimed.append(entry["id"])
        else:
            chosen.append(entry)
    with ThreadPoolExecutor(jobs) as pool:
        wrong = pool.map(lambda entry: run_one(command, entry, manifest.parent, seconds), chosen)
        for entry, reason in zip(chosen, wrong, strict=True):
            if reason:
                report.failed.append((entry["id"], reason))
            else:
                report.passed.append(entry["id"])
    return report


def command_of(decoder: str) -> list[str]:
    """The command of a decoder by name or by command line."""
    script = BUILT_IN.get(decoder)
    return [sys.executable, str(script)] if script else shlex.split(decoder)


def let_ours_be_found() -> None:
    """Where pil_dctz is not installed, the checkout's is meant."""
    sys.path.remove(str(HERE.parent))
    if importlib.util.find_spec("pil_dctz") is None:
        paths = [os.environ.get("PYTHONPATH", ""), str(HERE.parent)]
        os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    sys.path.insert(0, str(HERE.parent))


def results(report: Report) -> Iterator[dict[str, Any]]:
    for name in report.passed:
        yield {"id": name, "result": "passed"}
    for name, reason in report.failed:
        yield {"id": name, "result": "failed", "reason": reason}
    for name in report.not_claimed:
        yield {"id": name, "result": "not claimed"}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="conformance/run.py")
    parser.add_argument("--decoder", required=True, help="a command line, `ours` or `reference`")
    parser.add_argument("--filter", action="append", default=[], help="part of an id; repeatable")
    parser.add_argument("--claims", default=",".join(CLAIMS), help="of region,scale,tolerant")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=60.0, help="for each vector")
    parser.add_argument("--manifest", type=Path, default=MANIFEST)
    parser.add_argument("--json", type=Path, help="write the results here")
    given = parser.parse_args(arguments)
    claims = [word for word in given.claims.split(",") if word]
    if not set(claims) <= set(CLAIMS):
        parser.error(f"--claims are some of {', '.join(CLAIMS)}")
    if given.decoder == "ours":
        let_ours_be_found()
    try:
        report = run_suite(
            command_of(given.decoder),
            manifest=given.manifest.resolve(),
            filters=given.filter,
            claims=claims,
            jobs=max(1, given.jobs),
            seconds=given.seconds,
        )
    except SuiteError as error:
        print(f"the suite: {error}", file=sys.stderr)
        return 2
    for name, reason in report.failed:
        print(f"FAILED {name}: {reason}")
    if given.json:
        given.json.write_text(json.dumps({"results": list(results(report))}, indent=1), "ascii")
    print(report.line())
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
