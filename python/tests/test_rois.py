"""Regions of interest: the runner's, and ImageJ's files of them."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streamview import Client, Ellipse, NotFoundError, Polygon, Publisher, Rectangle, Roi, RunnerError, cli, imagej
from streamview.programs import Runner
from tests.conftest import eventually
from tests.test_publish import DTYPES, picture
from tests.test_runner import found

roifile = pytest.importorskip("roifile", reason="roifile is not installed")

SOMA = Roi("soma-1", Rectangle(2, 3, 4, 5))
CELL = Roi("cell", Ellipse(1.5, 2.25, 10.125, 8))
AXON = Roi("axon", Polygon(((1.0, 1.0), (30.5, 2.0), (12.0, 20.25))))
TRACE = Roi("trace", Polygon(((1.0, 1.0), (30.0, 2.0), (12.0, 20.0), (3.0, 18.0))))
ALL = [SOMA, CELL, AXON, TRACE]


@pytest.fixture
def stream(runner: Runner, client: Client, request: pytest.FixtureRequest) -> Iterator[str]:
    """A stream of one frame, 32 x 48, whose values are its columns; one for each test."""
    name = request.node.name[:64]
    with Publisher(runner.ingest) as pub:
        pub.frame(name, np.tile(np.arange(48, dtype=np.uint16), (32, 1)), unit="counts")
        eventually(lambda: found(client, name, 0))
        yield name


@pytest.mark.parametrize("dtype", DTYPES)
def test_pixels_are_what_was_published(runner: Runner, client: Client, dtype: str) -> None:
    stream = f"pixels-{dtype}"
    array = picture(dtype, (7, 5, 3))
    with Publisher(runner.ingest) as pub:
        seq = pub.frame(stream, array, unit="ΔF/F")
        frame = eventually(lambda: found(client, stream, seq))
    for y, x in np.ndindex(7, 5):
        pixel = client.pixel(stream, x, y, seq, session=frame.session)
        np.testing.assert_array_equal(np.array(pixel.values).astype(array.dtype), array[y, x])
    assert (pixel.stream, pixel.session, pixel.seq, pixel.x, pixel.y) == (stream, frame.session, seq, 4, 6)
    assert (pixel.unit, pixel.dtype) == ("ΔF/F", array.dtype.name)
    assert pixel.t_ms == pytest.approx(frame.t_ns / 1e6, abs=1e-3)
    assert client.pixel(stream, 4, 6) == pixel
    with pytest.raises(RunnerError, match="x is 5: expected 0 to 4"):
        client.pixel(stream, 5, 0)
    with pytest.raises(NotFoundError, match="no frame 5000"):
        client.pixel(stream, 0, 0, 5000)
    with pytest.raises(ValueError, match="x: expected 0 to"):
        client.pixel(stream, -1, 0)


def test_regions_are_set_added_and_removed(client: Client, stream: str) -> None:
    assert client.rois(stream) == []
    assert client.set_rois(stream, ALL) == ALL
    assert client.rois(stream) == ALL
    added = client.add_roi(stream, Rectangle(0, 0, 1, 1))
    assert added == Roi("roi1", Rectangle(0, 0, 1, 1))
    assert client.add_roi(stream, AXON.shape, "axon-2") == Roi("axon-2", AXON.shape)
    client.remove_roi(stream, "cell")
    assert [roi.name for roi in client.rois(stream)] == ["soma-1", "axon", "trace", "roi1", "axon-2"]
    assert client.set_rois(stream, []) == []


def test_regions_become_series(runner: Runner, client: Client, stream: str) -> None:
    client.set_rois(stream, [Roi("edge", Rectangle(10, 0, 4, 32))])

    def mean() -> Any:
        with Publisher(runner.ingest) as pub:
            pub.frame(stream, np.tile(np.arange(48, dtype=np.uint16), (32, 1)), unit="counts")
        try:
            series = client.series("edge.mean", stream=f"{stream}.roi")
        except NotFoundError:
            return None
        return series if len(series) else None

    series = eventually(mean)
    assert (series.values[-1], series.unit) == (11.5, "counts")


def test_what_makes_no_sense_is_refused_and_named(client: Client, stream: str) -> None:
    client.set_rois(stream, [SOMA])
    for shape, error, message in (
        (Rectangle(math.nan, 0, 1, 1), ValueError, "x: expected a finite number"),
        (Rectangle(0, 0, "1", 1), TypeError, "width: expected a number"),  # type: ignore[arg-type]
        (Polygon(((0.0, 0.0), (1.0,))), ValueError, "points: expected pairs"),  # type: ignore[arg-type]
        (Rectangle(0, 0, 0, 1), RunnerError, "rectangle holds no pixel"),
        (Polygon(((0.0, 0.0), (1.0, 1.0))), RunnerError, "shape: polygon"),
    ):
        with pytest.raises(error, match=message):
            client.add_roi(stream, shape)
    for name in ("", "a b", "frame", "x" * 65):
        with pytest.raises(ValueError, match="region name"):
            client.add_roi(stream, SOMA.shape, name)
    with pytest.raises(TypeError, match="name: expected the name of a region"):
        client.set_rois(stream, [Roi(5, SOMA.shape)])  # type: ignore[arg-type]
    with pytest.raises(RunnerError, match="soma-1"):
        client.add_roi(stream, SOMA.shape, "soma-1")
    with pytest.raises(RunnerError, match="name"):
        client.set_rois(stream, [SOMA, SOMA])
    for call in (
        lambda: client.remove_roi(stream, "nothing"),
        lambda: client.rois("nothing"),
        lambda: client.set_rois("nothing", []),
    ):
        with pytest.raises(NotFoundError):
            call()
    assert client.rois(stream) == [SOMA]


# --- files


def test_a_file_holds_what_was_written(tmp_path: Path) -> None:
    file = tmp_path / "cells.zip"
    imagej.write(file, ALL)
    assert imagej.read(file) == ALL
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["soma-1.roi", "cell.roi", "axon.roi", "trace.roi"]
        soma, cell, axon, trace = (roifile.ImagejRoi.frombytes(archive.read(name)) for name in archive.namelist())
    # As the reader of others understands it.
    kinds = roifile.ROI_TYPE
    assert (soma.roitype, cell.roitype, axon.roitype, trace.roitype) == (
        kinds.RECT,
        kinds.OVAL,
        kinds.POLYGON,
        kinds.POLYGON,
    )
    assert (soma.left, soma.top, soma.right, soma.bottom, soma.name) == (2, 3, 6, 8, "soma-1")
    assert not soma.subpixelrect
    assert (cell.xd, cell.yd, cell.widthd, cell.heightd) == (1.5, 2.25, 10.125, 8)
    np.testing.assert_array_equal(axon.coordinates(), AXON.shape.points)  # type: ignore[union-attr]
    np.testing.assert_array_equal(trace.coordinates(), TRACE.shape.points)  # type: ignore[union-attr]
    with pytest.raises(FileExistsError):
        imagej.write(file, [])
    with pytest.raises(ValueError, match=r"expected the name of a \.zip file"):
        imagej.write(tmp_path / "cells.tif", [])


def theirs(kind: str, name: str = "", **fields: Any) -> bytes:
    """A region as ImageJ writes it, 4 x 5 pixels at (2, 3)."""
    roi = roifile.ImagejRoi()
    roi.roitype = roifile.ROI_TYPE[kind]
    roi.name = name
    roi.left, roi.top, roi.right, roi.bottom = 2, 3, 6, 8
    if kind not in ("RECT", "OVAL", "LINE"):
        roi.integer_coordinates = np.array([[0, 0], [4, 0], [4, 5]], np.int32)
        roi.n_coordinates = 3
    for field, value in fields.items():
        setattr(roi, field, value)
    return bytes(roi.tobytes())


@pytest.mark.parametrize("kind", ["POLYGON", "FREEHAND", "TRACED"])
def test_all_that_has_corners_is_a_polygon(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "0003-0002.roi"
    file.write_bytes(theirs(kind))
    assert imagej.read(file) == [Roi("0003-0002", Polygon(((2.0, 3.0), (6.0, 3.0), (6.0, 8.0))))]


def test_a_ring_that_was_drawn_with_pauses_has_each_corner_once(tmp_path: Path) -> None:
    file = tmp_path / "drawn.roi"
    corners = np.array([[0, 0], [0, 0], [4, 0], [4, 5], [4, 5], [0, 0]], np.int32)
    file.write_bytes(theirs("FREEHAND", integer_coordinates=corners, n_coordinates=6))
    assert imagej.read(file) == [Roi("drawn", Polygon(((6.0, 3.0), (6.0, 8.0), (2.0, 3.0))))]


def test_a_rotated_ellipse_is_the_polygon_of_its_outline(tmp_path: Path) -> None:
    file = tmp_path / "tilted.roi"
    tilted = {"subtype": roifile.ROI_SUBTYPE.ELLIPSE, "x1": 1.0, "y1": 2.0, "x2": 8.0, "y2": 9.0}
    file.write_bytes(theirs("FREEHAND", **tilted))
    (roi,) = imagej.read(file)
    assert isinstance(roi.shape, Polygon)


def test_names_become_those_that_a_runner_takes(tmp_path: Path) -> None:
    file = tmp_path / "names.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for entry, name in enumerate(("soma 1.5 µm", "soma 1/5 µm", "frame", "x" * 70, "")):
            archive.writestr(f"{entry}.roi", theirs("RECT", name))
        archive.writestr("notes.txt", "no region")
    names = [roi.name for roi in imagej.read(file)]
    assert names == ["soma_1_5_m", "soma_1_5_m-2", "frame_", "x" * 64, "4"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (theirs("LINE"), "a straight line: expected a region with an area"),
        (theirs("FREELINE"), "a freehand line"),
        (theirs("POLYLINE"), "a segmented line"),
        (theirs("ANGLE"), "an angle"),
        (theirs("POINT"), "a set of points"),
        (theirs("RECT", rounded_rect_arc_size=5), "a rectangle with round corners"),
        (theirs("RECT", shape_roi_size=4, multi_coordinates=np.zeros(4, np.float32)), "several pieces or holes"),
        (b"", "too short"),
        (b"Iout" + b"\xff" * 100, "bad.roi: "),
        (b"GIF8" + bytes(100), "not an ImageJ ROI"),
        (theirs("POLYGON")[:70], "bad.roi: "),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_has_no_counterpart_is_refused_and_named(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "bad.roi").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "mixed.zip", "w") as archive:
        archive.writestr("good.roi", theirs("RECT"))
        archive.writestr("bad.roi", content)
    for file, where in (("bad.roi", "bad.roi: "), ("mixed.zip", "mixed.zip: bad.roi: ")):
        with pytest.raises(ValueError, match=message) as raised:
            imagej.read(tmp_path / file)
        assert str(raised.value).startswith(f"{tmp_path}/{where}")


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    def refused(name: str, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            imagej.read(tmp_path / name)

    (tmp_path / "torn.zip").write_bytes(b"PK\x03\x04 and no more")
    refused("torn.zip", r"torn\.zip: ")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    refused("empty.zip", r"has no \.roi in it")
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(1001):
            archive.writestr(f"{number}.roi", b"")
    refused("many.zip", "1001 regions: a runner has at most 1000")
    with zipfile.ZipFile(tmp_path / "large.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.roi", bytes((16 << 20) + 1))
    refused("large.zip", "a.roi: 16777217 bytes: expected at most 16777216")
    refused("cells.tif", r"expected a \.roi or \.zip file")
    with pytest.raises(FileNotFoundError):
        imagej.read(tmp_path / "absent.roi")


# --- the command


def test_the_command_carries_regions_to_and_from_files(
    runner: Runner, client: Client, stream: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def rois(*arguments: str) -> tuple[int, str, str]:
        code = cli.main(["rois", *arguments, "--url", runner.url])
        return (code, *capsys.readouterr())

    file = str(tmp_path / "cells.zip")
    client.set_rois(stream, [SOMA, CELL])
    assert rois("export", stream, file) == (0, f"{file}: 2 regions of {stream}\n", "")
    other = Roi("other", Rectangle(0, 0, 2, 2))
    client.set_rois(stream, [other, Roi("soma-1", Rectangle(0, 0, 1, 1))])
    assert rois("import", stream, file) == (0, f"{stream}: 2 regions of {file}, beside 1 others\n", "")
    assert client.rois(stream) == [other, SOMA, CELL]
    assert rois("import", stream, file, "--replace")[0] == 0
    assert client.rois(stream) == [SOMA, CELL]

    line = tmp_path / "line.roi"
    line.write_bytes(theirs("LINE"))
    code, _, error = rois("import", stream, str(line))
    assert (code, error) == (1, f"streamview: {line}: a straight line: expected a region with an area\n")
    code, _, error = rois("export", stream, file)
    assert code == 1
    assert "exists" in error
    code, _, error = rois("export", "nothing", str(tmp_path / "nothing.zip"))
    assert code == 1
    assert "nothing" in error
    assert not (tmp_path / "nothing.zip").exists()
    assert client.rois(stream) == [SOMA, CELL]


def test_without_the_package_the_way_to_it_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "roifile", None)
    (tmp_path / "a.roi").write_bytes(b"")
    assert cli.main(["rois", "import", "camera", str(tmp_path / "a.roi"), "--url", "http://127.0.0.1:9"]) == 1
    assert 'pip install "streamview[imagej]"' in capsys.readouterr().err


def test_a_package_that_would_round_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(roifile, "__version__", "2025.12.12")
    with pytest.raises(ModuleNotFoundError, match=r"2026\.2\.10 or newer.*here is 2025\.12\.12"):
        imagej.write(tmp_path / "cells.zip", ALL)
    assert not (tmp_path / "cells.zip").exists()
