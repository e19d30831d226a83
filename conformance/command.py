"""The command `dctz-conformance`: the suite of the format, for any decoder.

    dctz-conformance run --decoder CMD [filters] [reports]
    dctz-conformance list | show ID | export DIR | verify

CMD is called as `CMD [--region X,Y,W,H] [--scale S] [--tolerant] in.dctz out.raw meta.json`, once a
vector, in a new empty folder, without a shell (clause `conformance.contract`). `ours` and
`reference` name pil_dctz's decoder and the one of this suite.

Exit status 0: all is well; 1: a decoder failed; 2: the suite or the arguments are not as they
should be.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .export import export
from .reports import as_html, as_json, as_junit
from .runner import BUILT_IN, CLAIMS, Limits, Selection, claims_of, command_of, run_suite
from .suite import HERE, KINDS, MANIFEST, SuiteError, load, summary

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    action = {"run": _run, "list": _list, "show": _show, "export": _export, "verify": _verify}
    try:
        return action[given.action](given)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (SuiteError, OSError) as error:
        print(f"dctz-conformance: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    about, _, rest = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        prog="dctz-conformance",
        description=about,
        epilog=rest,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--manifest", type=Path, default=MANIFEST, help=argparse.SUPPRESS)
    actions = parser.add_subparsers(dest="action", required=True)
    run = actions.add_parser("run", help="run a decoder on the vectors")
    run.add_argument(
        "--decoder",
        required=True,
        help="a command line, with paths from here; `ours` or `reference`",
    )
    run.add_argument(
        "--claims",
        default=",".join(CLAIMS),
        help="what the decoder can do beside plain decoding, of region,scale,tolerant,learned "
        "(all), or `ask`: CMD --capabilities prints it",
    )
    run.add_argument("--known", type=Path, help="failures to expect: a line for each, id and why")
    run.add_argument(
        "--processes",
        action="store_true",
        help="start Python anew for each vector with `ours` and `reference` too, "
        "which else is loaded once and copied",
    )
    run.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    run.add_argument("--seconds", type=float, default=60.0, help="for each vector")
    run.add_argument("--mebibytes", type=int, default=1024, help="of memory, 0: no limit")
    run.add_argument("--json", type=Path, help="write the results here")
    run.add_argument("--junit", type=Path)
    run.add_argument("--html", type=Path)
    run.add_argument("--manifest", type=Path, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    listing = actions.add_parser("list", help="the vectors, a line each")
    listing.add_argument("--json", action="store_true")
    for each in (run, listing):
        each.add_argument("--filter", action="append", default=[], help="part of an id; repeatable")
        each.add_argument("--kind", action="append", default=[], choices=KINDS)
        each.add_argument("--clause", action="append", default=[])
    show = actions.add_parser("show", help="the fields and bits of one vector")
    show.add_argument("id")
    show.add_argument("--bits", type=int, default=200, help="how many bits and symbols at most")
    out = actions.add_parser("export", help="vectors, answers and rules in a folder, for a shell")
    out.add_argument("folder", type=Path)
    actions.add_parser("verify", help="judge the suite itself")
    return parser


def _selection(given: argparse.Namespace) -> Selection:
    return Selection(given.filter, given.kind, given.clause)


def _run(given: argparse.Namespace) -> int:
    if given.decoder == "ours":
        _let_ours_be_found()
    command = command_of(given.decoder)
    if given.claims == "ask":
        claims = claims_of(command, given.seconds)
    else:
        claims = tuple(word for word in given.claims.split(",") if word)
        if not set(claims) <= set(CLAIMS):
            raise SuiteError(f"--claims are some of {', '.join(CLAIMS)}")
    for path in (given.json, given.junit, given.html):
        if path and not path.parent.is_dir():  # said before the run, not behind it
            raise SuiteError(f"{path}: there is no such folder")
    manifest = given.manifest.resolve()
    report = run_suite(
        command,
        manifest=manifest,
        selection=_selection(given),
        claims=claims,
        known=given.known,
        jobs=given.jobs,
        limits=Limits(given.seconds, given.mebibytes << 20),
        script=None if given.processes else BUILT_IN.get(given.decoder),
    )
    for each in report.of("known"):
        print(f"known  {each.id}: {each.reason}")
    for name, reason in report.failed:
        print(f"FAILED {name}: {reason}")
    if given.json:
        given.json.write_text(as_json(report, given.decoder), "ascii")
    if given.junit:
        given.junit.write_text(as_junit(report, given.decoder), "utf-8")
    if given.html:
        given.html.write_text(as_html(report, given.decoder, load(manifest)), "utf-8")
    print(report.line())
    return 0 if report.ok else 1


def _let_ours_be_found() -> None:
    """Where pil_dctz is not installed, the checkout's is meant."""
    looked = subprocess.run(
        [sys.executable, "-c", "import pil_dctz"], cwd=tempfile.gettempdir(), capture_output=True
    )
    if looked.returncode:
        paths = [os.environ.get("PYTHONPATH", ""), str(HERE.parent)]
        os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)


def _list(given: argparse.Namespace) -> int:
    entries = load(given.manifest)
    selection = _selection(given)
    selection.check(entries)
    chosen = [entry for entry in entries if selection.has(entry)]
    if given.json:
        print(json.dumps(chosen, indent=1))
        return 0
    for entry in chosen:
        print(f"{entry['id']:36} {entry['kind']:12} {entry['bytes']:6d}  {entry['why']}")
    print(f"{len(chosen)} of {len(entries)} vectors")
    return 0


def _show(given: argparse.Namespace) -> int:
    from .show import show  # with the reference decoder

    found = {entry["id"]: entry for entry in load(given.manifest)}.get(given.id)
    if found is None:
        raise SuiteError(f"no vector {given.id}; `dctz-conformance list` names them")
    print("\n".join(show(found, given.manifest.parent, given.bits)))
    return 0


def _export(given: argparse.Namespace) -> int:
    count = export(given.manifest.resolve(), given.folder)
    print(f"{count} vectors in {given.folder}; its README says how to use them")
    return 0


def _verify(given: argparse.Namespace) -> int:
    print(summary(load(given.manifest)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
