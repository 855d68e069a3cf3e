"""`streamview demo` and `streamview view FILE`: a runner and what feeds it, for people who never see Rust."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import webbrowser
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from streamview import programs
from streamview.surroundings import DEFAULT_URL

DEFAULT_LISTEN = DEFAULT_URL.removeprefix("http://")
DEMO = {
    "cells": ["frame-node", "synthetic", "--stream", "cells", "--shape", "480x640", "--dtype", "uint16"],
    "experiment": ["metric-node", "synthetic", "--stream", "experiment", "--rate", "30"],
}
SERIES_SUFFIXES = (".csv", ".jsonl", ".ndjson")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--listen", default=DEFAULT_LISTEN, metavar="ADDRESS:PORT", help="where browsers connect")
    common.add_argument(
        "--ingest", default="127.0.0.1:5555", metavar="ADDRESS:PORT", help="where further producers may connect"
    )
    common.add_argument("--no-browser", action="store_true", help="only print the address of the page")
    parser = argparse.ArgumentParser(prog="streamview", description="Live frames and live numbers in any browser.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", parents=[common], help="show a movie and traces that are made up")
    view = commands.add_parser(
        "view",
        parents=[common],
        help="show a recording: .npy, TIFF, a video, .csv, …",
        description="Shows a recording. Further options are those of frame-node or metric-node: "
        "--loop, --fps 100, --range 0,4095.",
    )
    view.add_argument("file", type=Path, metavar="FILE")
    parsed, rest = parser.parse_known_args(arguments)
    if rest and parsed.command == "demo":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        nodes = DEMO if parsed.command == "demo" else {"recording": _node(parsed.file, rest)}
        return _run(nodes, parsed.listen, parsed.ingest, browser=not parsed.no_browser)
    except (OSError, ValueError) as error:
        print(f"streamview: {error}", file=sys.stderr)
        return 1


def _node(file: Path, options: Sequence[str]) -> list[str]:
    """The command that publishes a recording."""
    if not file.exists():
        raise FileNotFoundError(f"{file}: there is no such file")
    program = "metric-node" if _holds_series(file) else "frame-node"
    return [program, str(file.absolute()), *options]


def _holds_series(file: Path) -> bool:
    if file.suffix.lower() in SERIES_SUFFIXES:
        return True
    # One dimension cannot be a picture; two are taken for one, though they might be samples of channels.
    return file.suffix.lower() == ".npy" and np.load(file, mmap_mode="r", allow_pickle=False).ndim == 1


def _configuration(nodes: dict[str, list[str]]) -> str:
    """The runner's configuration file, TOML, whose strings are JSON's."""
    tables = []
    for name, (program, *options) in nodes.items():
        command = [str(programs.find(program)), *options]
        quoted = json.dumps(command, ensure_ascii=False)
        tables.append(f"[[node]]\nname = {json.dumps(name)}\ncommand = {quoted}\n")
    return "\n".join(tables)


def _run(nodes: dict[str, list[str]], listen: str, ingest: str, *, browser: bool) -> int:
    runner = str(programs.find("runner"))
    with tempfile.TemporaryDirectory(prefix="streamview-") as directory:
        configuration = Path(directory) / "streamview.toml"
        configuration.write_text(_configuration(nodes), encoding="utf-8")
        command = [runner, "--config", str(configuration), "--listen", listen, "--ingest", ingest]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        with _passed_on(process):
            threading.Thread(target=_announce, args=(process, listen, browser), daemon=True).start()
            # Ctrl-C reaches the runner by itself, which then stops its nodes; here it is waited for.
            while True:
                with contextlib.suppress(KeyboardInterrupt):
                    return process.wait()


@contextlib.contextmanager
def _passed_on(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """A plain kill of this process stops the runner as well."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _announce(process: subprocess.Popen[bytes], listen: str, browser: bool) -> None:
    """Says where the page is, once it is there; the runner itself says so where the port is 0."""
    address, _, port = listen.rpartition(":")
    if port == "0":
        return
    here = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(address, address)
    url = f"http://{here}:{port}/"
    # Not through a proxy: the runner is near.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while process.poll() is None:
        with contextlib.suppress(OSError), opener.open(f"{url}healthz", timeout=1):
            print(f"\n  streamview is live: open {url}\n  Ctrl-C stops it.\n", flush=True)
            if browser:
                webbrowser.open(url)
            return
        time.sleep(0.1)
