"""What a publishing call costs beside one memcpy of the same frame, measured side by side.

For each state of the runner (none, stopped, live), at a camera's pace: a copy into a warm array, and the call, in
turns, the order swapped every time. Medians, for the machine has other things to do.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import time
from collections.abc import Callable

import numpy as np

import streamview
from streamview.programs import Runner

NOBODY = "tcp://127.0.0.1:9"


def timed_us(call: Callable[[], object]) -> float:
    start_ns = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - start_ns) / 1000


def percentile(values: list[float], percent: float) -> float:
    return float(np.percentile(values, percent))


def measure(state: str, connect: str, shape: tuple[int, ...], fps: float, frames: int) -> None:
    """Prints one row."""
    source = np.random.default_rng(0).integers(0, 4096, shape, np.uint16)
    target = np.zeros_like(source)
    copies, calls = [], []
    with streamview.Publisher(connect) as pub:
        next_s = time.perf_counter()
        for number in range(frames + 60):

            def copy() -> None:
                np.copyto(target, source)

            def call() -> None:
                pub.frame("bench", source)

            first, second = (copy, call) if number % 2 else (call, copy)
            took = {first: timed_us(first), second: timed_us(second)}
            if number >= 60:  # the first ones fill the queue and the pool
                copies.append(took[copy])
                calls.append(took[call])
            next_s += 1 / fps
            time.sleep(max(0.0, next_s - time.perf_counter()))
        stats = pub.stats()
    copy_us, call_us = statistics.median(copies), statistics.median(calls)
    ratio = statistics.median(call / copy for copy, call in zip(copies, calls, strict=True))
    print(
        f"{state:<8} {copy_us:9.0f} {call_us:9.0f} {call_us / copy_us:7.2f} {ratio:9.2f} "
        f"{percentile(copies, 99):9.0f} {percentile(calls, 99):9.0f} {stats.sent:7} {stats.dropped:7}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", default="1080x1920", help="height x width, of uint16")
    parser.add_argument("--fps", type=float, default=60.0)
    parser.add_argument("--frames", type=int, default=600, help="of each state")
    arguments = parser.parse_args()
    shape = tuple(map(int, arguments.shape.split("x")))
    print(f"{arguments.shape} uint16 at {arguments.fps:g} fps, {arguments.frames} frames; us")
    print("runner      memcpy      call   ratio pairwise copy p99  call p99    sent dropped")
    measure("none", NOBODY, shape, arguments.fps, arguments.frames)
    with Runner(["--listen", "127.0.0.1:0", "--ingest", "127.0.0.1:0"]) as runner:
        measure("live", runner.ingest, shape, arguments.fps, arguments.frames)
        runner.process.send_signal(signal.SIGSTOP)
        measure("stopped", runner.ingest, shape, arguments.fps, arguments.frames)
        runner.process.send_signal(signal.SIGCONT)


if __name__ == "__main__":
    main()
