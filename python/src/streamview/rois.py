"""Regions of interest: which pixels of a stream a runner measures on every frame."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from streamview import checks

MAX_ROIS = 1_000
"""Most regions of a stream."""
FRAME = "frame"
"""The whole frame's name, which no region may have."""
MAX_NAME = 64
_NAME = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_NAME}}}")


@dataclass(frozen=True)
class Rectangle:
    """Sides along those of the frame. Pixels; (0, 0) is the outer corner of the first one."""

    x: float
    y: float
    width: float
    height: float

    def json(self) -> dict[str, Any]:
        """As the API spells it."""
        return _box("rectangle", self.x, self.y, self.width, self.height)


@dataclass(frozen=True)
class Ellipse:
    """The ellipse in a rectangle, whose axes are along the frame's sides; see `Rectangle`."""

    x: float
    y: float
    width: float
    height: float

    def json(self) -> dict[str, Any]:
        """As the API spells it."""
        return _box("ellipse", self.x, self.y, self.width, self.height)


@dataclass(frozen=True)
class Polygon:
    """At least three corners, in order and joined to a ring; see `Rectangle`."""

    points: tuple[tuple[float, float], ...]
    """(x, y) of each."""

    @classmethod
    def of(cls, points: Iterable[Iterable[Any]]) -> Polygon:
        """Of any points, such as an array `[n, 2]`.

        Raises:
            TypeError, ValueError: They are no pairs of finite numbers.
        """
        return cls(tuple(_point(point) for point in points))

    def json(self) -> dict[str, Any]:
        """As the API spells it."""
        return {"type": "polygon", "points": [list(point) for point in Polygon.of(self.points).points]}


Shape: TypeAlias = Rectangle | Ellipse | Polygon


@dataclass(frozen=True)
class Roi:
    """A region of a stream. Its series are `<stream>.roi/<name>.mean` and so on."""

    name: str
    """1 to 64 of `A-Z a-z 0-9 _ -`, unlike those of the stream's other regions, and not `frame`."""
    shape: Shape

    @classmethod
    def of(cls, json: Mapping[str, Any]) -> Roi:
        """From an entry of `/api/v1/streams/{id}/rois`."""
        return cls(str(json["name"]), _shape(json["shape"]))

    def json(self) -> dict[str, Any]:
        """As the API spells it."""
        return {"name": name(self.name, "name"), "shape": self.shape.json()}


def name(value: object, argument: str) -> str:
    """`value`, if a region may be called so."""
    if not isinstance(value, str):
        raise TypeError(f"{argument}: expected the name of a region (str), got {value!r}")
    if not _NAME.fullmatch(value) or value == FRAME:
        raise ValueError(
            f"{argument}: region name {value[:80]!r} is refused: expected 1 to {MAX_NAME} of A-Z a-z 0-9 _ -, "
            f"and not {FRAME!r}"
        )
    return value


def _box(kind: Literal["rectangle", "ellipse"], x: float, y: float, width: float, height: float) -> dict[str, Any]:
    sides = {"x": x, "y": y, "width": width, "height": height}
    return {"type": kind} | {side: checks.finite(value, side) for side, value in sides.items()}


def _point(point: Iterable[Any]) -> tuple[float, float]:
    pair = [checks.finite(value, "points") for value in point]
    if len(pair) != 2:
        raise ValueError(f"points: expected pairs of numbers, (x, y), got {len(pair)} numbers")
    return pair[0], pair[1]


def _shape(json: Mapping[str, Any]) -> Shape:
    kind = json["type"]
    if kind == "polygon":
        return Polygon.of(json["points"])
    if kind not in ("rectangle", "ellipse"):
        raise ValueError(f"shape of type {kind!r}: expected rectangle, ellipse or polygon; is the runner newer?")
    sides = [float(json[side]) for side in ("x", "y", "width", "height")]
    return Rectangle(*sides) if kind == "rectangle" else Ellipse(*sides)
