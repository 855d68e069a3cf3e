"""The `streamview` command, and how it finds the programs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from streamview import Client, cli, programs
from tests.conftest import eventually


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def streamview(log: Path, *arguments: str) -> Iterator[Client]:
    """Runs the command, and ends it as Ctrl-C does."""
    try:
        programs.find("runner")
    except programs.ProgramNotFoundError as error:
        pytest.skip(str(error))
    listen = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "streamview", *arguments, "--no-browser"]
    command += ["--listen", listen, "--ingest", f"127.0.0.1:{free_port()}"]
    environment = os.environ | {"STREAMVIEW_TEMP_DIR": str(log.parent)}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment, start_new_session=True)
    try:
        eventually(lambda: "streamview is live: open http://" + listen in log.read_text())
        yield Client(f"http://{listen}")
    finally:
        # A terminal sends it to all of them.
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) == 0, log.read_text()


def streams_of(client: Client) -> set[tuple[str, str]]:
    return {(stream.kind, stream.id) for stream in client.streams()}


def test_demo_shows_a_movie_and_traces(tmp_path: Path) -> None:
    with streamview(tmp_path / "log", "demo") as client:
        eventually(lambda: {("frame", "cells"), ("metric", "experiment")} <= streams_of(client))


def test_view_shows_a_recording_and_passes_options_on(tmp_path: Path) -> None:
    movie = np.random.default_rng(0).integers(0, 4096, (5, 32, 48), np.uint16)
    np.save(tmp_path / "movie.npy", movie)
    with streamview(tmp_path / "log", "view", str(tmp_path / "movie.npy"), "--fps", "10", "--stream", "mine") as client:
        eventually(lambda: ("frame", "mine") in streams_of(client))
        eventually(lambda: client.latest("mine").seq == 4)
        np.testing.assert_array_equal(client.frame("mine"), movie[4])


def test_view_takes_series_for_what_they_are(tmp_path: Path) -> None:
    np.save(tmp_path / "trace.npy", np.zeros(50, np.float32))
    np.save(tmp_path / "picture.npy", np.zeros((5, 5), np.float32))
    (tmp_path / "log.csv").write_text("a,b\n1,2\n")
    (tmp_path / "movie.mp4").write_text("")
    taken = {path.name: cli._node(path, ["--loop"])[0] for path in tmp_path.iterdir()}
    frames = {"picture.npy": "frame-node", "movie.mp4": "frame-node"}
    assert taken == frames | {"trace.npy": "metric-node", "log.csv": "metric-node"}


def test_missing_programs_and_files_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["view", str(tmp_path / "gone.npy")]) == 1
    assert "gone.npy: there is no such file" in capsys.readouterr().err
    monkeypatch.setenv("STREAMVIEW_BIN", str(tmp_path))
    assert cli.main(["demo"]) == 1
    said = capsys.readouterr().err
    assert f"'runner' was not found in STREAMVIEW_BIN, which is {tmp_path}" in said
    assert "./scripts/build" in said
    monkeypatch.delenv("STREAMVIEW_BIN")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cli.main(["demo"]) == 1
    assert "STREAMVIEW_BIN is not set" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["demo", "--loop"])


def test_programs_in_the_path_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "runner"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.delenv("STREAMVIEW_BIN", raising=False)
    monkeypatch.setenv("PATH", f"/nowhere:{tmp_path}")
    assert programs.find("runner") == program
    with pytest.raises(RuntimeError, match="the runner did not start"):
        programs.Runner()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib came with Python 3.11")
def test_a_file_of_any_name_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tomllib  # noqa: PLC0415

    program = tmp_path / "frame-node"
    program.touch(0o755)
    monkeypatch.setenv("STREAMVIEW_BIN", str(tmp_path))
    name = 'a "b"\\c\n é'
    command = tomllib.loads(cli._configuration({"recording": ["frame-node", name]}))["node"][0]["command"]
    assert command == [str(program), name]
