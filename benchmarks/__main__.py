"""`python -m benchmarks WHAT`: JSON lines out, tables and plots from them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import damage, exact, fresh, knobs, lossless, rd, rules, speed, threads, worst
from benchmarks.codecs import LOSSLESS, LOSSLESS_USUAL, LOSSY, PEERS
from benchmarks.store import Record, emit, read_lines

_PROMISES = ("exact", "library", "pillow", "within", "held")
_EXACT_SETS = "kodak,screen,deep,pngsuite"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="what", required=True)

    def measuring(name: str, words: str, pictures: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=words, description=words)
        command.add_argument("--set", default=pictures, help="picture set or folder of PNG files")
        command.add_argument("--pictures", help="parts of file names, comma-separated")
        command.add_argument("--limit", type=int, help="at most so many pictures")
        command.add_argument("--out", type=Path, help="JSON-lines file (default: standard output)")
        return command

    command = measuring("rd", "rate and distortion of lossy codecs", "kodak")
    command.add_argument("--codecs", help=f"of {', '.join(LOSSY)}; instead of --peers")
    command.add_argument(
        "--peers", default="usual", choices=PEERS, help="groups of codecs, ours among them (usual)"
    )
    command.add_argument(
        "--butteraugli", action="store_true", help="its 3-norm, by the tool butteraugli_main"
    )
    command = measuring("lossless", "lossless density", "kodak")
    command.add_argument("--codecs", default=",".join(LOSSLESS_USUAL), help=", ".join(LOSSLESS))
    command.add_argument("--rows", default="all", choices=("all", "odd", "even"))
    command.add_argument("--effort", type=int, help="effort of ours")
    measuring("exact", "lossless round trips, sample for sample", _EXACT_SETS)
    command = measuring("speed", "encoding and decoding speed", "photos-large")
    command.add_argument("--codecs", help="comma-separated")
    command.add_argument("--rows", default="all", choices=("all", "odd", "even"))
    command.add_argument("--repeats", type=int, default=3)
    command.add_argument("--effort", type=int, help="lossless effort of ours")
    _add_modes(command)
    command = measuring("threads", "decoding by two threads beside one", "kodak")
    command.add_argument("--rows", default="all", choices=("all", "odd", "even"))
    command.add_argument("--turns", type=int, default=15)
    command.add_argument("--effort", type=int, help="lossless effort")
    _add_modes(command)
    command = measuring("cold", "first picture in a fresh process, cost of imports", "kodak")
    command.add_argument("--repeats", type=int, default=7)
    _add_modes(command)
    words = "hard pictures: lossless sizes by their bound, times by a photograph's"
    command = commands.add_parser("worst", help=words, description=words)
    command.add_argument("--side", type=int, default=512)
    command.add_argument("--pictures", help="parts of names, comma-separated")
    command.add_argument("--effort", type=int, default=5)
    command.add_argument("--repeats", type=int, default=1)
    command.add_argument("--out", type=Path, help="JSON-lines file (default: standard output)")
    for name, words in (("open", "Image.open of a large file"), ("memory", "peak memory")):
        command = measuring(name, words, "kodak")
        command.add_argument("--megapixels", type=float, default=20.0)
        _add_modes(command)
    command = measuring("damage", "files with one bit wrong", "kodak,screen")
    command.add_argument("--codecs", help="of dctz,jpeg,png,webp,avif,jxl (all)")
    command.add_argument("--flips", type=int, default=40, help="bits of each file")
    words = "what is left after encoding what was decoded, again and again"
    command = measuring("generations", words, "kodak,photos-small")
    command.add_argument("--quality", type=float, default=75.0)
    command.add_argument("--count", type=int, default=10)
    command = measuring("floor", "the least score at a high quality", "kodak,photos-small")
    command.add_argument("--quality", type=float, default=95.0)
    command.add_argument("--floor", type=float, default=90.0)
    command = measuring("rules", "trained rules of the encoder by those they replace", "kodak")
    command.add_argument("--kinds", default=",".join(rules.RULES), help="of them")
    for name, words in (("table", "Markdown tables"), ("plot", "RD curves and lossless bars")):
        command = commands.add_parser(name, help=f"{words} from JSON lines")
        command.add_argument("files", nargs="+", help="JSON-lines files, - for standard input")
        if name == "plot":
            command.add_argument("--out", type=Path, default=Path("."), help="folder for the PNGs")
    words = "the README's picture: a detail of a photograph in every format, at equal bytes"
    command = commands.add_parser("picture", help=words, description=words)
    command.add_argument("--photo", type=Path, help="default: the photograph of `dctz demo`")
    command.add_argument("--detail", default="290,210,210,140", help="x,y,width,height")
    command.add_argument("--quality", type=float, default=50.0, help="of ours")
    command.add_argument("--out", type=Path, default=Path("equal-bytes.png"))
    return parser


def _add_modes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--modes", default="lossy,lossless", help="of them (comma-separated)")


def _records(arguments: argparse.Namespace) -> Iterator[Record]:
    only = arguments.pictures.split(",") if arguments.pictures else None
    if arguments.what == "worst":
        return worst.measure(
            arguments.side, effort=arguments.effort, repeats=arguments.repeats, only=only
        )
    limit = arguments.limit
    codecs = getattr(arguments, "codecs", None)
    chosen = codecs.split(",") if codecs else []
    modes = getattr(arguments, "modes", "").split(",")
    runs: dict[str, Callable[[], Iterator[Record]]] = {
        "rd": lambda: rd.measure(
            arguments.set,
            chosen or PEERS[arguments.peers],
            only=only,
            limit=limit,
            with_butteraugli=arguments.butteraugli,
        ),
        "lossless": lambda: lossless.measure(
            arguments.set,
            chosen,
            only=only,
            limit=limit,
            rows=arguments.rows,
            effort=arguments.effort,
        ),
        "exact": lambda: exact.measure(arguments.set.split(","), only=only, limit=limit),
        "speed": lambda: speed.measure(
            arguments.set,
            only=only,
            limit=limit,
            rows=arguments.rows,
            repeats=arguments.repeats,
            codecs=chosen,
            modes=modes,
            effort=arguments.effort,
        ),
        "threads": lambda: threads.measure(
            arguments.set,
            only=only,
            limit=limit,
            rows=arguments.rows,
            turns=arguments.turns,
            modes=modes,
            effort=arguments.effort,
        ),
        "cold": lambda: fresh.cold(
            arguments.set, only=only, repeats=arguments.repeats, modes=modes
        ),
        "damage": lambda: damage.measure(
            arguments.set.split(","), only=only, limit=limit, codecs=chosen, flips=arguments.flips
        ),
        "generations": lambda: knobs.measure_generations(
            arguments.set.split(","),
            only=only,
            limit=limit,
            quality=arguments.quality,
            count=arguments.count,
        ),
        "floor": lambda: knobs.measure_floor(
            arguments.set.split(","),
            only=only,
            limit=limit,
            quality=arguments.quality,
            floor=arguments.floor,
        ),
        "rules": lambda: rules.measure(
            arguments.set, arguments.kinds.split(","), only=only, limit=limit
        ),
        "open": lambda: fresh.opening(arguments.set, megapixels=arguments.megapixels, modes=modes),
        "memory": lambda: fresh.memory(arguments.set, megapixels=arguments.megapixels, modes=modes),
    }
    return runs[arguments.what]()


def main() -> int:
    """Run one benchmark; 1 when a picture is not what was promised (exact, within, held)."""
    arguments = _parser().parse_args()
    if arguments.what == "table":
        from benchmarks.report import tables

        print("\n".join(tables(read_lines(arguments.files))))
        return 0
    if arguments.what == "plot":
        from benchmarks.plots import draw_lossless, draw_rd

        records = read_lines(arguments.files)
        arguments.out.mkdir(parents=True, exist_ok=True)
        kinds = {record["bench"] for record in records}
        if "rd" in kinds:
            draw_rd(records, arguments.out / "rd.png")
        if "lossless" in kinds:
            draw_lossless(records, arguments.out / "lossless.png")
        return 0
    if arguments.what == "picture":
        return _picture(arguments)
    return _measure(arguments)


def _picture(arguments: argparse.Namespace) -> int:
    from benchmarks.showcase import draw
    from pil_dctz.demo.photo import photograph

    samples, words = photograph(arguments.photo)
    x, y, width, height = (int(part) for part in arguments.detail.split(","))
    captions = draw(samples, (x, y, width, height), arguments.out, quality=arguments.quality)
    print("\n".join([words, *captions]))
    return 0


def _measure(arguments: argparse.Namespace) -> int:
    wrong = 0

    def watched() -> Iterator[Record]:
        nonlocal wrong
        for record in _records(arguments):
            wrong += any(record.get(key) is False for key in _PROMISES)
            yield record

    if arguments.out:
        with open(arguments.out, "w") as file:
            emit(watched(), file)
    else:
        emit(watched(), sys.stdout)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
