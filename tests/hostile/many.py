"""Many mutants: python -m tests.hostile.many [--count N] [--seed S] [--jobs N] [--findings DIR]

Each mutant of a vector must give samples or one of our errors, within time and memory, and touch
no byte beside an array: all arrays stand between guard bytes. One that does not is written to the
folder of findings, which `test_findings` decodes again for ever. Where a process died, its batch is
run again one by one, to find the mutant at which it did.

Exit status 0: nothing found. The default seed is that of the day: each night other mutants.
"""

from __future__ import annotations

import argparse
import bisect
import contextlib
import datetime
import functools
import hashlib
import multiprocessing
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from tqdm import tqdm

import pil_dctz
from pil_dctz import DctzError, Limits
from tests.hostile.guards import guards
from tests.hostile.vector_mutants import mutants
from tests.hostile.vector_mutants import seeds as read_seeds

FINDINGS = Path(__file__).parent / "findings"
LIMITS = Limits(max_pixels=1 << 16, max_memory=1 << 24)
SECONDS = 2.0  # of the processor; honest files of this size take milliseconds
BATCH = 500  # mutants of a vector at a time
TRACED = 128  # one in so many has its memory traced, which is slow; of others arrays are counted


@functools.cache
def seeds() -> list[tuple[str, bytes]]:
    return read_seeds()


def decode(data: bytes | Path) -> str:
    """What becomes of a file: "samples", or the name of our error. Others are raised."""
    try:
        header = pil_dctz.read_header(data, limits=LIMITS)
        if header.animated:
            for _ in pil_dctz.decode_frames(data, limits=LIMITS, threads=1):
                pass
        else:
            pil_dctz.read_metadata(data, limits=LIMITS)
            pil_dctz.decode(data, limits=LIMITS, threads=1)
    except DctzError as error:
        return type(error).__name__
    return "samples"


def violation(data: bytes, *, traced: bool, beside: Path | None = None) -> tuple[str, str]:
    """(what came out, what is wrong with it or ""). beside: a folder; it is also read from there.

    Guard bytes stand around all arrays. Where these have more bytes together than a decoder may
    hold at once, and of traced ones, the memory is measured, without guards. Traced ones are also
    decoded tolerantly: what a strict decoder shows, that one has to.
    """
    begin = time.process_time()
    try:
        with guards() as own:
            answer = decode(data)
        took = time.process_time() - begin
        if took > SECONDS:
            return answer, f"{took:.1f} s"
        if beside is not None:
            path = beside / "mutant.dctz"
            path.write_bytes(data)
            if decode(path) != answer:
                return answer, "another answer where it is read from a path"
        if traced and not keeps_whole(data, answer):
            return answer, "a tolerant decoder refuses it"
    except Exception as error:  # noqa: BLE001 - what is looked for, a touched guard among them
        return "exception", f"{type(error).__name__}: {error}"
    most = LIMITS.max_memory + (8 << 20)
    if (traced or own.size > most) and (peak := peak_memory(data)) > most:
        return answer, f"{peak} bytes of memory"
    return answer, ""


def peak_memory(data: bytes) -> int:
    """Bytes at once while a file is decoded."""
    tracemalloc.start()
    try:
        decode(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def keeps_whole(data: bytes, answer: str) -> bool:
    """Whether a tolerant decoder shows what a strict one does; it must not fail otherwise."""
    try:
        pil_dctz.decode(data, strict=False, limits=LIMITS, threads=1)
    except DctzError:
        return answer != "samples"
    return True


def seconds(data: bytes, least_of: int = 1) -> float:
    """Of the processor, for whatever becomes of a file."""
    times = []
    for _ in range(least_of):
        begin = time.process_time()
        with contextlib.suppress(Exception):
            decode(data)
        times.append(time.process_time() - begin)
    return min(times)


@functools.cache
def honest() -> list[tuple[int, float]]:
    """(pixels, seconds): the slowest of the vectors up to each number of pixels."""
    slowest, found = 0.0, []
    for pixels, data in sorted((pixels_of(data), data) for _, data in seeds()):
        decode(data)  # kernels are compiled first
        slowest = max(slowest, seconds(data, 3))
        found.append((pixels, slowest))
    return found


def pixels_of(data: bytes) -> int:
    """What a file claims, of all frames."""
    try:
        header = pil_dctz.read_header(data, limits=LIMITS)
    except DctzError:
        return 0
    return header.width * header.height * header.n_frames


def allowed(data: bytes) -> float:
    """Seconds: twice the slowest honest file of the claimed pixels, and 2 us a byte."""
    pixels = pixels_of(data)
    at = max(0, bisect.bisect_left(honest(), (pixels, 1e9)) - 1)
    most, slowest = honest()[at]
    return 2 * slowest * max(1.0, pixels / max(1, most)) + 2e-6 * len(data)


def slowness(data: bytes, took: float) -> float:
    """Seconds by what is allowed; measured again where it is above 0.6 of that, which an honest
    file is not but for what else the machine does."""
    limit = allowed(data)
    return (took if took <= 0.6 * limit else seconds(data, 5)) / limit


Found = tuple[Counter[str], list[tuple[str, bytes]], float]


def run_batch(task: tuple[int, int, int]) -> Found:
    """(vector, seed, count): the answers, the violations with their files, the most slowness."""
    which, seed, count = task
    name, data = seeds()[which]
    warnings.simplefilter("ignore")  # of models that are not here
    decode(data)  # kernels are compiled before a mutant is charged for it
    answers: Counter[str] = Counter()
    found = []
    worst = 0.0
    usual = seconds(data, 2)
    with tempfile.TemporaryDirectory(prefix="dctz-many-") as folder:
        for number, mutant in enumerate(mutants(data, seed, count)):
            traced = number % TRACED == 0
            beside = Path(folder) if traced else None
            begin = time.process_time()
            answer, wrong = violation(mutant, traced=traced, beside=beside)
            took = time.process_time() - begin
            answers[answer] += 1
            if not traced and took > usual:  # others are no slower than an honest file
                slow = slowness(mutant, took)
                worst = max(worst, slow)
                wrong = wrong or (f"{slow:.1f} of the time allowed" if slow > 1 else "")
            if wrong:
                found.append((f"{name}: {wrong}", mutant))
    return answers, found, worst


def batches(count: int, seed: int) -> Iterator[tuple[int, int, int]]:
    """Vectors in turn, each time with another seed; a small count is spread over all of them."""
    vectors = len(seeds())
    size = min(BATCH, -(-count // vectors))
    for number in range(-(-count // size)):
        yield number % vectors, seed * 1_000_003 + number, min(size, count - number * size)


def run(count: int, seed: int, jobs: int) -> Iterator[Found]:
    """Results of all batches; a batch at which a process died gives the mutant it died at."""
    context = multiprocessing.get_context("spawn")
    left = list(batches(count, seed))
    while left:
        done = 0
        try:
            with ProcessPoolExecutor(jobs, mp_context=context) as pool:
                for result in pool.map(run_batch, left):
                    yield result
                    done += 1
            return
        except BrokenProcessPool:
            yield _find_the_crash(left[done], context)
            left = left[done + 1 :]


def _find_the_crash(
    task: tuple[int, int, int], context: multiprocessing.context.SpawnContext
) -> Found:
    which, seed, count = task
    name, data = seeds()[which]
    for mutant in mutants(data, seed, count):
        process = context.Process(target=decode, args=(mutant,))
        process.start()
        process.join()
        if process.exitcode is not None and process.exitcode < 0:
            return Counter(crash=1), [(f"{name}: signal {-process.exitcode}", mutant)], 0.0
    return Counter(), [], 0.0  # another batch's crash: it comes again


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.many")
    parser.add_argument("--count", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=datetime.date.today().toordinal())
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--findings", type=Path, default=FINDINGS)
    given = parser.parse_args()
    answers: Counter[str] = Counter()
    found = 0
    worst = 0.0
    begin = time.monotonic()
    progress = tqdm(total=given.count, unit=" mutants", unit_scale=True, mininterval=10)
    for some, violations, slow in run(given.count, given.seed, given.jobs):
        answers.update(some)
        progress.update(sum(some.values()))
        worst = max(worst, slow)
        for wrong, mutant in violations:
            found += 1
            given.findings.mkdir(parents=True, exist_ok=True)
            path = given.findings / f"{hashlib.sha256(mutant).hexdigest()[:12]}.dctz"
            path.write_bytes(mutant)
            print(f"{path}: {wrong}", flush=True)
    progress.close()
    total = sum(answers.values())
    counts = ", ".join(f"{number} {answer}" for answer, number in answers.most_common())
    print(f"{total} mutants (seed {given.seed}) in {time.monotonic() - begin:.0f} s: {counts}")
    print(f"{found} violations; the slowest took {worst:.2f} of what is allowed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
