"""The suite as a folder for those without Python: vectors, a table of answers, a shell script."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .judge import EXITS
from .runner import arguments_of, needs
from .suite import Entry, SuiteError, load

__all__ = ["export"]

_README = """\
# Conformance vectors of .dctz
Each line of `vectors.tsv` is a test of a decoder, with these columns between tabs:

1. id
2. exit status that is right: 0 decoded, 1 refused as damaged or not DCTZ, 2 not supported or over a
   limit; several between commas, of which each is right
3. what the decoder must be able to do: `-` or some of region, scale, tolerant, learned
4. options to give it, `-` for none
5. file
6. for status 0, if it is among those, the frames between commas: bytes, a colon, SHA-256 of that
   part of `out.raw`; else `-`
7. likewise `meta/ID.json`, what `meta.json` must hold (as values: blanks, order and escapes
   are free); else `-`

Call your decoder once for each line, in a new empty folder:

    CMD [--region X,Y,W,H] [--scale S] [--tolerant] in.dctz out.raw meta.json

`out.raw`: the frames as they are shown, one after the other; rows from the top, pixels from the
left, samples in channel order, one byte each up to depth 8, else two, the low one first. Samples
are equal or wrong. Any other exit status, a signal, or no end within a minute is a crash and wrong
for every line. A refusal leaves `out.raw` empty or does not write it.

    sh run.sh CMD            all of this but for meta.json
    sh run.sh CMD plain      only ids that hold a word

needs a POSIX shell, `cut`, `head`, `tail`, `wc`, and `sha256sum` or `shasum`. Leave out what your
decoder does not claim with `SKIP="region scale tolerant learned" sh run.sh CMD`; these are counted
as not claimed, never as passed.

The vectors are in the public domain (CC0). The rules in full: chapter 11 of the specification.
"""

_SCRIPT = """\
#!/bin/sh
# sh run.sh CMD [WORD]: runs a decoder on the vectors. README.md says how.
[ $# -ge 1 ] || { echo "sh run.sh CMD [WORD]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
command=$1 word=${2:-}
set --
for part in $command; do # each vector has a folder of its own: paths are meant from here
    case $part in /*) ;; */* | *.*) [ ! -f "$part" ] || part=$PWD/$part ;; esac
    set -- "$@" "$part"
done
[ $# -gt 0 ] && command -v "$1" >/dev/null || { echo "run.sh: no program $command" >&2; exit 2; }
if command -v sha256sum >/dev/null; then sum=sha256sum; else sum="shasum -a 256"; fi
tab=$(printf '\\t')
passed=0 failed=0 unclaimed=0 out=0 total=0
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT

judge() { # what is wrong with the outputs in $folder/out, or nothing
    case ,$wanted, in *",$status,"*) ;; *) echo "exit status $status, not $wanted"; return ;; esac
    if [ "$status" -ne 0 ]; then
        [ ! -s "$folder/out/out.raw" ] || echo "samples of a refused file"
        return
    fi
    [ -f "$folder/out/out.raw" ] || { echo "no samples"; return; }
    [ -f "$folder/out/meta.json" ] || { echo "no meta.json"; return; }
    at=0 number=0 rest=$frames,
    while [ -n "$rest" ]; do
        frame=${rest%%,*} rest=${rest#*,}
        size=${frame%%:*} told=${frame#*:}
        got=$(tail -c +$((at + 1)) "$folder/out/out.raw" | head -c "$size" | $sum | cut -d' ' -f1)
        [ "$got" = "$told" ] || { echo "wrong samples in frame $number"; return; }
        at=$((at + size)) number=$((number + 1))
    done
    size=$(wc -c <"$folder/out/out.raw")
    [ "$size" -eq "$at" ] || echo "$((size)) bytes of samples, not $at"
}

while IFS=$tab read -r id wanted needs options file frames meta; do
    total=$((total + 1))
    case $id in *"$word"*) ;; *) out=$((out + 1)); continue ;; esac
    for need in $SKIP; do
        case " $needs " in *" $need "*) unclaimed=$((unclaimed + 1)); continue 2 ;; esac
    done
    [ "$options" != - ] || options=
    rm -rf "$folder/out" && mkdir "$folder/out"
    # shellcheck disable=SC2086 - options are words
    (cd "$folder/out" && "$@" $options "$here/$file" out.raw meta.json) \\
        >/dev/null 2>&1 </dev/null
    status=$?
    wrong=$(judge)
    if [ -z "$wrong" ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "FAILED $id: $wrong"
    fi
done <"$here/vectors.tsv"
echo "$passed passed + $failed failed + $unclaimed not claimed + $out left out = $total"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
"""


def export(manifest: Path, folder: Path) -> int:
    """Write the suite into a new or empty folder; how many vectors. Raises SuiteError."""
    entries = load(manifest)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SuiteError(f"{folder} is not an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(manifest, folder / "manifest.json")
    for entry in entries:
        target = folder / entry["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(manifest.parent / entry["file"], target)
        if "meta" in entry:
            answer = folder / _meta_name(entry)
            answer.parent.mkdir(parents=True, exist_ok=True)
            answer.write_text(json.dumps(entry["meta"], indent=1) + "\n", "ascii")
    (folder / "vectors.tsv").write_text("".join(map(_row, entries)), "ascii")
    (folder / "README.md").write_text(_README, "ascii")
    (folder / "run.sh").write_text(_SCRIPT, "ascii")
    return len(entries)


def _meta_name(entry: Entry) -> str:
    return f"meta/{entry['id']}.json"


def _row(entry: Entry) -> str:
    frames = (f"{frame['bytes']}:{frame['sha256']}" for frame in entry.get("frames", ()))
    cells = (
        entry["id"],
        ",".join(map(str, EXITS[entry["kind"]])),
        " ".join(sorted(needs(entry))) or "-",
        " ".join(arguments_of(entry)) or "-",
        entry["file"],
        ",".join(frames) or "-",
        _meta_name(entry) if "meta" in entry else "-",
    )
    return "\t".join(cells) + "\n"
