"""What a loop notices of a runner that is stopped: memory and jitter, for minutes.

A loop at a camera's pace, by turns of some seconds without and with publishing, so that both see the same other
load. Of each it prints how late the loop's ticks are, and the memory of the process at the end of each minute.
"""

from __future__ import annotations

import argparse
import array
import os
import signal
import time
from pathlib import Path

import numpy as np

import streamview
from streamview.programs import Runner

TURN_S = 5.0


def memory_mib() -> float:
    status = Path(f"/proc/{os.getpid()}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def turn(pub: streamview.Publisher | None, frame: np.ndarray, fps: float, seconds: float) -> array.array[float]:
    """How late each tick was, us."""
    late = array.array("d")
    start_s = time.perf_counter()
    for number in range(int(seconds * fps)):
        due_s = start_s + number / fps
        time.sleep(max(0.0, due_s - time.perf_counter()))
        late.append((time.perf_counter() - due_s) * 1e6)
        if pub is not None:
            pub.frame("bench", frame)
            pub.metric("number", number, frame=pub.last("bench"))
    return late


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--fps", type=float, default=60.0)
    arguments = parser.parse_args()
    frame = np.random.default_rng(0).integers(0, 4096, (1080, 1920), np.uint16)
    late = {"without": array.array("d"), "publishing": array.array("d")}
    with (
        Runner(["--listen", "127.0.0.1:0", "--ingest", "127.0.0.1:0"]) as runner,
        streamview.Publisher(runner.ingest) as pub,
    ):
        turn(pub, frame, arguments.fps, 2)
        runner.process.send_signal(signal.SIGSTOP)
        turn(pub, frame, arguments.fps, 2)
        start_s, minute = time.monotonic(), 0
        print(f"memory at the start: {memory_mib():.1f} MiB", flush=True)
        while (passed_s := time.monotonic() - start_s) < arguments.minutes * 60:
            late["without"] += turn(None, frame, arguments.fps, TURN_S)
            late["publishing"] += turn(pub, frame, arguments.fps, TURN_S)
            if passed_s >= (minute + 1) * 60:
                minute += 1
                print(f"memory after {minute} min: {memory_mib():.1f} MiB", flush=True)
        stats = pub.stats()
        runner.process.send_signal(signal.SIGCONT)
    print(f"memory at the end: {memory_mib():.1f} MiB; {stats.published} published, {stats.dropped} dropped")
    print("lateness of the loop, us     p50       p90       p99     p99.9")
    for name, values in late.items():
        print(f"{name:<20}" + "".join(f"{np.percentile(values, p):10.0f}" for p in (50, 90, 99, 99.9)))


if __name__ == "__main__":
    main()
