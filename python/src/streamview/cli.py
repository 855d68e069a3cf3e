"""The `streamview` command: a runner and what feeds it, for people who never see Rust; regions to and from files."""

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

from streamview import imagej, programs
from streamview.client import Client
from streamview.http import NotFoundError, RunnerError
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
    _add_rois(commands)
    parsed, rest = parser.parse_known_args(arguments)
    if rest and parsed.command != "view":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        if parsed.command == "rois":
            print(_rois(parsed))
            return 0
        nodes = DEMO if parsed.command == "demo" else {"recording": _node(parsed.file, rest)}
        return _run(nodes, parsed.listen, parsed.ingest, browser=not parsed.no_browser)
    except (OSError, ValueError, ModuleNotFoundError, NotFoundError, RunnerError) as error:
        print(f"streamview: {error}", file=sys.stderr)
        return 1


def _add_rois(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rois = commands.add_parser("rois", help="regions of interest, to and from files of ImageJ")
    ways = rois.add_subparsers(dest="way", required=True)
    for way, what, file in (
        ("export", "write the regions of a stream to a .zip for ImageJ's ROI Manager", "FILE.zip"),
        (
            "import",
            "add the regions of ImageJ's .roi or .zip to those of a stream; one replaces another of its name",
            "FILE",
        ),
    ):
        command = ways.add_parser(way, help=what, description=f"{what[0].upper()}{what[1:]}.")
        command.add_argument("stream", metavar="STREAM")
        command.add_argument("file", type=Path, metavar=file)
        command.add_argument("--url", help=f"where the runner's page is; STREAMVIEW_URL, or {DEFAULT_URL}, by default")
        if way == "import":
            command.add_argument("--replace", action="store_true", help="remove all other regions of the stream")


def _rois(parsed: argparse.Namespace) -> str:
    """Does what is asked for, and says what was done."""
    client, stream, file = Client(parsed.url), parsed.stream, parsed.file
    if parsed.way == "export":
        rois = client.rois(stream)
        imagej.write(file, rois)
        return f"{file}: {len(rois)} regions of {stream}"
    read = imagej.read(file)
    names = {roi.name for roi in read}
    kept = [] if parsed.replace else [roi for roi in client.rois(stream) if roi.name not in names]
    client.set_rois(stream, [*kept, *read])
    return f"{stream}: {len(read)} regions of {file}, beside {len(kept)} others"


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
