"""Tables in Markdown from the records of the other benchmarks."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence

from benchmarks.store import Record
from pil_dctz.metrics.bdrate import Point, bd_rate

#: Metric, its title, its value on the axis of a BD-rate, and the window of that axis.
Metric = tuple[str, str, Callable[[float], float], tuple[float, float] | None]


def decibels(similarity: float) -> float:
    """MS-SSIM on an axis where equal steps look alike: -10 log10(1 - x)."""
    return math.inf if similarity >= 1 else -10 * math.log10(1 - similarity)


METRICS: tuple[Metric, ...] = (
    ("ssimulacra2", "SSIMULACRA2, 30..90", float, (30.0, 90.0)),
    ("ms_ssim", "MS-SSIM", decibels, None),
    ("psnr", "PSNR", float, None),
)
BUTTERAUGLI: Metric = ("butteraugli", "Butteraugli, 3-norm", lambda norm: -math.log(norm), None)
OURS = "dctz"
#: The first that was measured is held against the others.
_TESTED = ("dctz-e9", "dctz-learned", "dctz-filters", OURS, "dctz-psnr")


def tables(records: Sequence[Record]) -> Iterator[str]:
    """A Markdown section for each kind of record that is there."""
    makers = {
        "rd": bd_table,
        "lossless": density_table,
        "exact": exact_table,
        "speed": speed_table,
        "threads": threads_table,
        "cold": cold_table,
        "open": open_table,
        "memory": memory_table,
        "damage": damage_table,
        "generations": generations_table,
        "floor": floor_table,
        "rules": rules_table,
    }
    for bench, make in makers.items():
        kept = [record for record in records if record["bench"] == bench]
        if kept:
            yield make(kept)


def markdown(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [f"### {title}", "", "| " + " | ".join(head) + " |"]
    lines.append("|" + "|".join(["---"] + ["---:"] * (len(head) - 1)) + "|")
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def bd_rates(records: Sequence[Record], test: str, anchor: str, metric: Metric) -> dict[str, float]:
    """BD-rate of `test` against `anchor` for each picture that both have, by name."""
    name, _, axis, window = metric
    curves: dict[str, dict[str, list[Point]]] = {}
    for record in records:
        if record["codec"] in (test, anchor):
            place = curves.setdefault(f"{record['set']}/{record['picture']}", {})
            place.setdefault(record["codec"], []).append((record["bytes"], axis(record[name])))
    return {
        picture: bd_rate(curve[anchor], curve[test], window)
        for picture, curve in curves.items()
        if test in curve and anchor in curve
    }


def bd_table(records: Sequence[Record]) -> str:
    """BD-rates of ours (of JPEG, where ours was not measured) against each of the others."""
    labels = {record["codec"]: record["label"] for record in records}
    test = next((name for name in _TESTED if name in labels), "jpeg")
    metrics = list(METRICS)
    if all("butteraugli" in record for record in records):
        metrics.append(BUTTERAUGLI)
    rows: list[list[str]] = []
    pictures = 0
    for anchor, label in labels.items():
        if anchor == test:
            continue
        row = [label]
        for metric in metrics:
            rates = bd_rates(records, test, anchor, metric)
            pictures = max(pictures, len(rates))
            row.append(f"{statistics.mean(rates.values()):+.1f} %")
            if anchor == OURS and metric[0] != "ssimulacra2":  # a layer must not lose by any
                worst = max(rates, key=rates.__getitem__)
                row[-1] += f", worst {rates[worst]:+.1f} ({_short(worst)})"
            if metric[0] == "ssimulacra2":
                best, worst = min(rates, key=rates.__getitem__), max(rates, key=rates.__getitem__)
                row.append(
                    f"{rates[best]:+.1f} ({_short(best)}) .. {rates[worst]:+.1f} ({_short(worst)})"
                )
        rows.append(row)
    sets = ", ".join(sorted({record["set"] for record in records}))
    title = f"BD-rate of {labels[test]} ({sets}, {pictures} pictures; below 0: fewer bytes)"
    head = ["against", METRICS[0][1], "best .. worst", *(metric[1] for metric in metrics[1:])]
    return markdown(title, head, rows)


def _short(picture: str) -> str:
    return picture.rsplit("/", 1)[-1].removeprefix("kodim")


def density_table(records: Sequence[Record]) -> str:
    """Totals of each codec beside ours, over the pictures that both hold."""
    sections = []
    for name in dict.fromkeys(record["set"] for record in records):
        own = [record for record in records if record["set"] == name]
        labels = {record["codec"]: record["label"] for record in own}
        sizes: dict[str, dict[str, Record]] = {codec: {} for codec in labels}
        for record in own:
            sizes[record["codec"]][record["picture"]] = record
        rows = [_density_row(sizes, codec, label) for codec, label in labels.items()]
        count = len({record["picture"] for record in own})
        head = ["codec", "pictures", "bytes", "bits per pixel", "of raw", "ours against it"]
        sections.append(markdown(f"Lossless, {name} ({count} pictures)", head, rows))
    return "\n".join(sections)


def _density_row(sizes: dict[str, dict[str, Record]], codec: str, label: str) -> list[str]:
    mine = sizes[codec]
    total = sum(record["bytes"] for record in mine.values())
    pixels = sum(record["pixels"] for record in mine.values())
    raw = sum(record["raw_bytes"] for record in mine.values())
    both = sizes.get(OURS, {}).keys() & mine.keys()
    ours = sum(sizes[OURS][picture]["bytes"] for picture in both) if both else 0
    theirs = sum(mine[picture]["bytes"] for picture in both)
    against = f"{(ours / theirs - 1) * 100:+.1f} %" if both and codec != OURS else ""
    share = f"{total / raw * 100:.1f} %"
    return [label, str(len(mine)), f"{total:,}", f"{total * 8 / pixels:.3f}", share, against]


def exact_table(records: Sequence[Record]) -> str:
    rows = []
    for name in dict.fromkeys(record["set"] for record in records):
        own = [record for record in records if record["set"] == name]
        good = [record for record in own if "refused" not in record]
        asked = [record for record in good if record["pillow"] is not None]
        wrong = [
            record["picture"]
            for record in good
            if not record["library"] or record["pillow"] is False
        ]
        rows.append(
            [
                name,
                f"{sum(record['library'] for record in good)} of {len(good)}",
                f"{sum(record['pillow'] for record in asked)} of {len(asked)}",
                len(own) - len(good),
                ", ".join(wrong) or "none",
            ]
        )
    head = ["set", "library", "Pillow", "broken PNG, refused by Pillow", "not exact"]
    return markdown("Exact after a lossless round trip", head, rows)


def speed_table(records: Sequence[Record]) -> str:
    groups: dict[tuple[str, str, str], list[Record]] = {}
    for record in records:
        threads = "1" if record["threads"] == 1 else "all"
        groups.setdefault((record["mode"], record["label"], threads), []).append(record)
    rows = []
    for (mode, label, threads), own in groups.items():
        pixels = sum(record["pixels"] for record in own) / 1e6
        clock = "cpu_s" if threads == "1" else "s"
        encode = pixels / sum(record[f"encode_{clock}"] for record in own)
        decode = pixels / sum(record[f"decode_{clock}"] for record in own)
        setting = f"{own[0]['setting']:g}"
        rows.append([label, mode, setting, threads, f"{encode:.2f}", f"{decode:.1f}"])
    head = ["codec", "mode", "setting", "threads", "encode, MP/s", "decode, MP/s"]
    sets = ", ".join(sorted({record["set"] for record in records}))
    words = "best run; one thread: time of the processor, all: of the clock"
    return markdown(f"Speed ({sets}; {words})", head, rows)


def threads_table(records: Sequence[Record]) -> str:
    rows = []
    for record in records:
        times = (f"{record[key] * 1e3:.1f} ms" for key in ("one_s", "two_s"))
        ratios = (f"{record[key]:.2f}" for key in ("gain", "ceiling"))
        name = f"{record['set']}/{record['picture']}"
        rows.append([name, record["mode"], str(record["segments"]), *times, *ratios])
    middle = ", ".join(
        f"{mode} {statistics.median(own):.2f} times"
        for mode in dict.fromkeys(record["mode"] for record in records)
        if (own := [record["gain"] for record in records if record["mode"] == mode])
    )
    head = ["picture", "mode", "segments", "one", "two", "times faster", "two at once"]
    return markdown(f"Decoding by two threads (clock, medians): {middle} faster", head, rows)


def cold_table(records: Sequence[Record]) -> str:
    rows = []
    for record in records:
        if "pil_dctz_s" in record:
            base = f"{record['what']} (which took {record['pil_cpu_s'] * 1e3:.0f} ms)"
            times = record["pil_dctz_cpu_s"], record["pil_dctz_s"]
            rows.append([base, "", *(f"{each * 1e3:.1f} ms" for each in times)])
        else:
            name = f"{record['what']}, {record['label']}"
            times = record["cpu_s"], record["seconds"]
            rows.append([name, record["mode"], *(f"{each * 1e3:.1f} ms" for each in times)])
    head = ["what", "mode", "processor", "clock"]
    return markdown("In a fresh process (imports included)", head, rows)


def open_table(records: Sequence[Record]) -> str:
    rows = [
        [
            f"{record['codec']}, {record['mode']}",
            f"{record['file_bytes']:,}",
            f"{record['read_bytes']:,}",
            f"{record['first_cpu_s'] * 1e3:.1f} ms",
            f"{record['best_s'] * 1e3:.3f} ms",
        ]
        for record in records
    ]
    megapixels = records[0]["pixels"] / 1e6
    head = ["file", "bytes", "bytes read", "first (processor)", "later (clock, best)"]
    return markdown(f"`Image.open`, {megapixels:.1f} megapixels", head, rows)


def memory_table(records: Sequence[Record]) -> str:
    rows = [
        [
            record["what"],
            record["label"],
            record["mode"],
            f"{record['added_bytes'] / 2**20:.0f} MiB",
            f"{record['over_raw']:.2f}",
        ]
        for record in records
    ]
    megapixels = records[0]["pixels"] / 1e6
    head = ["what", "codec", "mode", "added to the peak", "over raw samples"]
    return markdown(f"Peak memory, {megapixels:.1f} megapixels", head, rows)


def damage_table(records: Sequence[Record]) -> str:
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        groups.setdefault((record["label"], record["mode"]), []).append(record)
    rows = []
    for (label, mode), own in groups.items():
        flips = sum(record["flips"] for record in own)
        shares = [sum(record[key] for record in own) for key in ("noticed", "same", "silent")]
        left = [statistics.fmean(record[key] for record in own) for key in ("kept", "near")]
        cells = [*(share / flips for share in shares), *left]
        rows.append([label, mode, str(flips), *(f"{100 * each:.1f} %" for each in cells)])
    files = len({(record["set"], record["picture"]) for record in records})
    head = [
        "codec",
        "mode",
        "flips",
        "noticed",
        "no change",
        "silently wrong",
        "left, exact",
        "left, near",
    ]
    return markdown(f"One bit wrong, {files} pictures", head, rows)


def generations_table(records: Sequence[Record]) -> str:
    rows = []
    for record in records:
        scores = record["scores"]
        shown = [scores[0], *scores[1:2], scores[-1], record["loss"]]
        name = f"{record['set']}/{record['picture']}"
        share = f"{100 * record['changed']:.2f} %"
        rows.append([name, *(f"{score:.2f}" for score in shown), share])
    losses = [record["loss"] for record in records]
    held = sum(loss < 1 for loss in losses)
    title = (
        f"{len(records[0]['scores'])} generations at quality {records[0]['quality']:g}: greatest "
        f"loss {max(losses):.2f}, mean {statistics.fmean(losses):.2f}, below 1 point on {held} of "
        f"{len(losses)}"
    )
    head = ["picture", "first", "second", "last", "loss", "samples changed by the last"]
    return markdown(title, head, rows)


def floor_table(records: Sequence[Record]) -> str:
    ordered = sorted(records, key=lambda record: float(record["ssimulacra2"]))
    rows = [
        [f"{each['set']}/{each['picture']}", f"{each['ssimulacra2']:.2f}", f"{each['bpp']:.2f}"]
        for each in ordered
    ]
    scores = [record["ssimulacra2"] for record in records]
    title = (
        f"Quality {records[0]['quality']:g}: least {min(scores):.2f}, mean "
        f"{statistics.fmean(scores):.2f}, {sum(record['held'] for record in records)} of "
        f"{len(records)} at {records[0]['floor']:g} or more"
    )
    return markdown(title, ["picture", "SSIMULACRA2", "bits a pixel"], rows)


def rules_table(records: Sequence[Record]) -> str:
    """Means over the pictures; times beside the first rule of the kind."""
    rows = []
    first: dict[str, float] = {}
    for kind, rule in dict.fromkeys((each["kind"], each["rule"]) for each in records):
        kept = [each for each in records if (each["kind"], each["rule"]) == (kind, rule)]
        gains = [each["ssimulacra2"] for each in kept]
        mean = statistics.fmean(gains)
        decibels = statistics.fmean(each["psnr"] for each in kept)
        ns = statistics.median(each["ns"] for each in kept)
        ratio = ns / first.setdefault(kind, ns)
        shown = [f"{x:+.2f} %" for x in (mean, min(gains), max(gains), decibels)]
        rows.append([f"{kind}: {rule}", *shown, f"{ns:.1f}", f"{ratio:.2f}"])
    pictures = len({each["picture"] for each in records})
    head = ["rule", "SSIMULACRA2", "least", "greatest", "PSNR", "ns a pixel", "of the first's"]
    return markdown(f"Trained rules by those they replace, {pictures} pictures", head, rows)
