"""ImageJ's files of regions: `.roi` for one, `.zip` for those of its ROI Manager.

Needs the package `roifile`: `pip install "streamview[imagej]"`, on Python 3.11 or newer. In both, coordinates begin at
the outer corner of the first pixel; ImageJ keeps fractions in single precision.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from streamview.rois import FRAME, MAX_NAME, MAX_ROIS, Ellipse, Polygon, Rectangle, Roi

if TYPE_CHECKING:
    from types import ModuleType

    from roifile import ImagejRoi

    from streamview.rois import Shape

MAX_BYTES = 16 << 20
"""Largest file of one region."""
_SHORTS = range(-5000, 60536)
"""Whole coordinates that the files hold as they are."""
_ROIFILE = (2026, 2, 10)
_NEEDED = 'ImageJ files need the package roifile, 2026.2.10 or newer, and Python 3.11: pip install "streamview[imagej]"'
# Kinds that are a line or a set of points, by what ImageJ calls them.
_WITHOUT_AREA = {
    "LINE": "a straight line",
    "FREELINE": "a freehand line",
    "POLYLINE": "a segmented line",
    "ANGLE": "an angle",
    "POINT": "a set of points",
    "NOROI": "no region",
}
_NOT_A_REGION = {"TEXT": "a text", "ARROW": "an arrow", "IMAGE": "an image"}


def read(file: Path) -> list[Roi]:
    """The regions of a `.roi` or `.zip` file, in its order, under names that a runner takes.

    Ellipses and rectangles that are rotated become the polygons that ImageJ keeps of them.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no such file, or has something that a runner has no counterpart for: lines, points, texts,
            rectangles with round corners, regions of several pieces. Names the region.
        ModuleNotFoundError: `roifile` is not installed.
    """
    roifile = _roifile()
    named: dict[str, Roi] = {}
    for entry, content in _contents(file):
        try:
            theirs = roifile.ImagejRoi.frombytes(content)
            shape = _shape(theirs)
        except (ValueError, TypeError, IndexError, OverflowError, struct.error) as error:
            raise ValueError(f"{entry}: {error}") from error
        name = _unlike(_plain(theirs.name or Path(entry.rpartition(": ")[2]).stem), named)
        named[name] = Roi(name, shape)
    return list(named.values())


def write(file: Path, rois: Iterable[Roi]) -> None:
    """Writes a `.zip` that ImageJ's ROI Manager opens; a file that is there already is left alone.

    Raises:
        OSError: It cannot be written, or is there already.
        ValueError: It is not called `.zip`.
        ModuleNotFoundError: `roifile` is not installed.
    """
    if file.suffix.lower() != ".zip":
        raise ValueError(f"{file}: expected the name of a .zip file")
    entries = [(f"{roi.name}.roi", _encoded(roi)) for roi in rois]
    with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries:
            archive.writestr(entry, content)


def _roifile() -> ModuleType:
    try:
        import roifile  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(_NEEDED) from error
    # Those before round fractions away when they write.
    version = tuple(int(part) for part in re.findall(r"\d+", roifile.__version__)[:3])
    if version < _ROIFILE:
        raise ModuleNotFoundError(f"{_NEEDED}; here is {roifile.__version__}")
    return roifile


def _contents(file: Path) -> Iterator[tuple[str, bytes]]:
    """What to call each region of a file in a message, and its bytes."""
    kind = file.suffix.lower()
    if kind == ".roi":
        if (size := file.stat().st_size) > MAX_BYTES:
            raise ValueError(f"{file}: {size} bytes: expected at most {MAX_BYTES}")
        yield str(file), file.read_bytes()
        return
    if kind != ".zip":
        raise ValueError(f"{file}: expected a .roi or .zip file")
    try:
        with zipfile.ZipFile(file) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".roi")]
            if not entries:
                raise ValueError(f"{file}: has no .roi in it")
            if len(entries) > MAX_ROIS:
                raise ValueError(f"{file}: {len(entries)} regions: a runner has at most {MAX_ROIS} of a stream")
            for entry in entries:
                if entry.file_size > MAX_BYTES:
                    raise ValueError(f"{file}: {entry.filename}: {entry.file_size} bytes: expected at most {MAX_BYTES}")
                yield f"{file}: {entry.filename}", archive.read(entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{file}: {error}") from error


def _shape(theirs: ImagejRoi) -> Shape:
    kind, subtype = theirs.roitype.name, theirs.subtype.name
    what = _NOT_A_REGION.get(subtype) or _WITHOUT_AREA.get(kind)
    if what is not None:
        raise ValueError(f"{what}: expected a region with an area")
    if theirs.composite:
        raise ValueError("several pieces or holes: expected one rectangle, ellipse or polygon")
    if kind in ("RECT", "OVAL"):
        if theirs.rounded_rect_arc_size > 0:
            raise ValueError("a rectangle with round corners: expected one without")
        return (Rectangle if kind == "RECT" else Ellipse)(*_box(theirs))
    if kind in ("POLYGON", "FREEHAND", "TRACED"):
        return _ring(Polygon.of(np.asarray(theirs.coordinates())))
    raise ValueError(f"of type {kind}: expected a rectangle, an oval or a polygon")


def _ring(polygon: Polygon) -> Polygon:
    """Without corners that are where the one before is: freehand regions have those, and may end where they begin."""
    points = polygon.points
    return Polygon(
        tuple(point for point, before in zip(points, (points[-1:] + points), strict=False) if point != before)
    )


def _box(theirs: ImagejRoi) -> tuple[float, float, float, float]:
    if theirs.subpixelrect:
        return theirs.xd, theirs.yd, theirs.widthd, theirs.heightd
    left, top = float(theirs.left), float(theirs.top)
    return left, top, theirs.right - left, theirs.bottom - top


def _encoded(roi: Roi) -> bytes:
    roifile = _roifile()
    shape = roi.shape
    if isinstance(shape, Polygon):
        corners = [corner for point in shape.points for corner in point]
        whole = all(_is_short(corner) for corner in corners)
        points = [(int(x), int(y)) for x, y in shape.points] if whole else shape.points
        theirs = roifile.ImagejRoi.frompoints(points, name=roi.name)
        theirs.roitype = roifile.ROI_TYPE.POLYGON
    else:
        theirs = roifile.ImagejRoi()
        theirs.name = roi.name
        theirs.roitype = roifile.ROI_TYPE.RECT if isinstance(shape, Rectangle) else roifile.ROI_TYPE.OVAL
        sides = (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
        theirs.left, theirs.top, theirs.right, theirs.bottom = (round(side) for side in sides)
        if not all(_is_short(side) for side in sides):
            theirs.options = roifile.ROI_OPTIONS.SUB_PIXEL_RESOLUTION
            theirs.xd, theirs.yd, theirs.widthd, theirs.heightd = shape.x, shape.y, shape.width, shape.height
    return bytes(theirs.tobytes())


def _is_short(coordinate: float) -> bool:
    return coordinate == int(coordinate) and int(coordinate) in _SHORTS


def _plain(name: str) -> str:
    """A name that a runner takes, like `name`."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name.removesuffix(".roi"))[:MAX_NAME]
    return f"{plain}_" if plain in ("", FRAME) else plain


def _unlike(name: str, others: Iterable[str]) -> str:
    """`name`, with a number if others have it."""
    number, taken, unlike = 1, set(others), name
    while unlike in taken:
        number += 1
        unlike = f"{name[: MAX_NAME - 5]}-{number}"
    return unlike
