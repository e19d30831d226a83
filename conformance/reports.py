"""A run's report for machines and people: JSON, JUnit, HTML."""

from __future__ import annotations

import html
import json
from dataclasses import asdict
from xml.etree import ElementTree

from .runner import Report, Result
from .suite import Entry

__all__ = ["as_html", "as_json", "as_junit"]


def as_json(report: Report, decoder: str) -> str:
    """All results; `ok` and `line` as the command says them."""
    results = [asdict(each) for each in report.results]
    whole = {"decoder": decoder, "ok": report.ok, "line": report.line(), "results": results}
    return json.dumps(whole, indent=1) + "\n"


def as_junit(report: Report, decoder: str) -> str:
    """The dialect that continuous integration reads: a suite for each room."""
    root = ElementTree.Element("testsuites", name=f"dctz-conformance: {decoder}")
    rooms: dict[str, list[Result]] = {}
    for each in report.results:
        rooms.setdefault(each.id.partition("/")[0], []).append(each)
    for room, results in rooms.items():
        counts = {
            "tests": len(results),
            "failures": sum(each.result == "failed" for each in results),
            "skipped": sum(each.result not in ("failed", "passed") for each in results),
        }
        attributes = {"name": room, **{key: str(value) for key, value in counts.items()}}
        suite = ElementTree.SubElement(root, "testsuite", attributes)
        for each in results:
            case = ElementTree.SubElement(
                suite, "testcase", classname=room, name=each.id, time=f"{each.seconds:.4f}"
            )
            if each.result == "failed":
                ElementTree.SubElement(case, "failure", message=each.reason)
            elif each.result != "passed":
                ElementTree.SubElement(case, "skipped", message=each.reason or each.result)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; padding: .15rem .6rem; border-bottom: 1px solid #ddd }
.passed { color: #176f2c } .failed { color: #b3261e; font-weight: 600 } .known { color: #8a5a00 }
"""


def as_html(report: Report, decoder: str, entries: list[Entry]) -> str:
    """One page: what failed first, then each clause with its vectors, then all vectors."""
    by_id = {entry["id"]: entry for entry in entries}
    order = ("failed", "known", "passed", "not claimed", "left out")
    results = sorted(report.results, key=lambda each: order.index(each.result))
    verdict = "passed" if report.ok else "failed"
    return "\n".join(
        (
            "<!doctype html><meta charset='utf-8'>",
            f"<title>{html.escape(decoder)}: {verdict}</title><style>{_STYLE}</style>",
            f"<h1>{html.escape(decoder)}: <span class='{verdict}'>{verdict}</span></h1>",
            f"<p>{html.escape(report.line())}</p>",
            "<h2>Clauses</h2>",
            _table(("clause", "passed", "of", "failed"), _clause_rows(report, by_id)),
            "<h2>Vectors</h2>",
            _table(
                ("vector", "kind", "result", "ms", "MiB", "what it is for, or what is wrong"),
                [_vector_row(each, by_id[each.id]) for each in results],
            ),
            "",
        )
    )


def _clause_rows(report: Report, by_id: dict[str, Entry]) -> list[tuple[str, ...]]:
    of_clause: dict[str, list[str]] = {}
    for each in report.results:
        for clause in by_id[each.id]["clauses"]:
            of_clause.setdefault(clause, []).append(each.result)
    return [
        (clause, str(found.count("passed")), str(len(found)), str(found.count("failed")))
        for clause, found in sorted(of_clause.items())
    ]


def _vector_row(each: Result, entry: Entry) -> tuple[str, ...]:
    mebibytes = f"{each.peak_bytes / 2**20:.0f}" if each.peak_bytes else ""
    milliseconds = f"{each.seconds * 1e3:.0f}" if each.seconds else ""
    return (each.id, each.kind, each.result, milliseconds, mebibytes, each.reason or entry["why"])


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    def row(cells: tuple[str, ...], tag: str) -> str:
        marked = (
            f"<{tag} class='{cell}'>{cell}</{tag}>"
            if cell in ("passed", "failed", "known")
            else f"<{tag}>{html.escape(cell)}</{tag}>"
            for cell in cells
        )
        return f"<tr>{''.join(marked)}</tr>"

    return "\n".join(("<table>", row(head, "th"), *(row(each, "td") for each in rows), "</table>"))
