"""Every example runs as it is, against a real runner, and the documents show the examples as they are."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from streamview import Client, NotFoundError, Publisher
from streamview.programs import Runner
from tests.conftest import REPOSITORY, eventually

EXAMPLES = REPOSITORY / "python" / "examples"
DOCUMENTS = REPOSITORY / "docs" / "python"


def need(*packages: str) -> None:
    """Skips a test where a package of its example is not installed."""
    for package in packages:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")


def surroundings(runner: Runner) -> dict[str, str]:
    """The environment in which an example finds the runner."""
    return os.environ | {"STREAMVIEW_INGEST": runner.ingest, "STREAMVIEW_URL": runner.url}


def run(runner: Runner, *command: str | Path) -> str:
    """Runs an example to its end and returns what it printed."""
    done = subprocess.run(
        [sys.executable, *command], env=surroundings(runner), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def subprocess_of(runner: Runner, *command: str | Path) -> subprocess.Popen[str]:
    """Starts an example."""
    return subprocess.Popen(
        [sys.executable, *command],
        env=surroundings(runner),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def streams_of(client: Client, *wanted: tuple[str, str]) -> None:
    """Waits until the runner knows these streams."""
    eventually(lambda: set(wanted) <= {(stream.kind, stream.id) for stream in client.streams()}, str(wanted))


def test_script(own_runner: Runner) -> None:
    assert "dropped=0" in run(own_runner, EXAMPLES / "script.py", "40")
    client = Client(own_runner.url)
    streams_of(client, ("frame", "camera"), ("metric", "script"))
    frame = eventually(lambda: client.latest("camera"))
    assert (frame.seq, frame.pixels.shape, frame.pixels.dtype, frame.unit) == (39, (480, 640), np.uint16, "photons")
    # The number beside the picture is that of the very picture.
    assert client.series("mean").values[-1] == frame.pixels.mean()


def test_notebook(own_runner: Runner, tmp_path: Path) -> None:
    cells = json.loads((EXAMPLES / "notebook.ipynb").read_text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    # As somebody does who runs all cells twice.
    script = tmp_path / "notebook.py"
    script.write_text("\n\n".join([*code, *code]))
    run(own_runner, script)
    client = Client(own_runner.url)
    streams_of(client, ("frame", "simulation"), ("metric", "probe"), ("metric", "notebook"))
    eventually(lambda: len(client.series("a", stream="probe")) > 0)


def test_cala_pipeline(own_runner: Runner) -> None:
    need("noob", "xarray")
    run(own_runner, EXAMPLES / "cala_pipeline.py", "30")
    client = Client(own_runner.url)
    streams_of(client, ("frame", "raw_movie"), ("frame", "shapes"), ("metric", "component_count"))
    assert client.latest("shapes").seq == client.latest("raw_movie").seq == 29
    assert client.series("count").values.tolist() == [1.0] * 20 + [2.0] * 10


def test_opencv(own_runner: Runner, tmp_path: Path) -> None:
    need("cv2")
    import cv2  # noqa: PLC0415

    movie = str(tmp_path / "movie.avi")
    writer = cv2.VideoWriter(movie, cv2.VideoWriter.fourcc(*"MJPG"), 30, (96, 64))
    for _ in range(12):
        writer.write(np.full((64, 96, 3), (200, 100, 0), np.uint8))
    writer.release()
    run(own_runner, EXAMPLES / "opencv.py", movie)
    client = Client(own_runner.url)
    streams_of(client, ("frame", "camera"), ("metric", "opencv"))
    # Red first, whatever OpenCV has first.
    assert np.abs(client.latest("camera").pixels.mean(axis=(0, 1)) - (0, 100, 200)).max() < 8


def test_pytorch(own_runner: Runner) -> None:
    need("torch")
    run(own_runner, EXAMPLES / "pytorch.py", "31")
    client = Client(own_runner.url)
    streams_of(client, ("frame", "restored"), ("metric", "pytorch"))
    assert client.latest("restored").pixels.shape == (128, 384)


def test_pymmcore_callback(own_runner: Runner) -> None:
    need("pymmcore_plus", "useq")
    from pymmcore_plus import find_micromanager  # noqa: PLC0415

    if not find_micromanager():
        pytest.skip("Micro-Manager's device adapters are not installed (mmcore install)")
    run(own_runner, EXAMPLES / "pymmcore_callback.py", "10")
    streams_of(Client(own_runner.url), ("frame", "camera"))


def test_reading(own_runner: Runner) -> None:
    with Publisher(own_runner.ingest, name="analysis") as pub:
        for number in range(5):
            pub.frame("arena", np.full((4, 4), number, np.uint8), unit="counts")
            pub.metric("mean", number)
        client = Client(own_runner.url)

        def arrived() -> bool:
            try:
                return client.latest("arena").seq == 4 and len(client.series("mean")) == 5
            except NotFoundError:
                return False

        eventually(arrived)
        said = run(own_runner, EXAMPLES / "reading.py", "arena", "1")
    assert "frame 4 of uint8, mean 4.0 counts" in said
    assert "5 samples of analysis/mean" in said


def test_rois(own_runner: Runner) -> None:
    with Publisher(own_runner.ingest) as pub:
        pub.frame("cells", np.full((40, 64), 7, np.uint16), unit="counts")
        client = Client(own_runner.url)
        streams_of(client, ("frame", "cells"))
        with subprocess_of(own_runner, EXAMPLES / "rois.py", "cells", "2") as example:
            while example.poll() is None:
                pub.frame("cells", np.full((40, 64), 7, np.uint16), unit="counts")
                time.sleep(0.02)
            said, error = example.communicate()
    assert example.returncode == 0, error
    assert "regions: soma, rest, roi1" in said
    assert "has (7.0,) counts at 20, 20" in said
    assert said.count(" ns: 7.0") == 2


def test_documents_show_the_examples_as_they_are() -> None:
    shown = set()
    for document in sorted(DOCUMENTS.glob("*.md")):
        for name, code in re.findall(r"<!-- examples/(\S+) -->\n```\w+\n(.*?)```", document.read_text(), re.DOTALL):
            shown.add(name)
            assert code == (EXAMPLES / name).read_text(), f"{document.name}: {name}"
    assert shown == {path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".yaml")}
