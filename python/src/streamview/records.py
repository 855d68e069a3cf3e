"""What a client reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from streamview.arrays import Array


@dataclass(frozen=True)
class Stream:
    """One stream, as the runner describes it."""

    kind: Literal["frame", "metric"]
    id: str
    state: Literal["waiting", "live", "stalled", "ended"]
    session: str | None
    """Which run of its producer, 16 hexadecimal digits."""
    seq: int | None
    """Number of the newest frame or message."""
    rate: float
    """Frames, or samples of one series, per second of capture time."""
    received: int
    drops: Mapping[str, int]
    """Frames that are missing, by where they went."""
    json: Mapping[str, Any]
    """All that the runner says of it: `docs/protocol.md` has the list."""

    @classmethod
    def of(cls, json: Mapping[str, Any]) -> Stream:
        """From an entry of `/api/v1/streams`."""
        names = ("kind", "id", "state", "session", "seq", "rate", "received", "drops")
        return cls(**{name: json[name] for name in names}, json=json)


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame, bit for bit as it was published."""

    stream: str
    session: str
    """Which run of its producer, 16 hexadecimal digits."""
    seq: int
    t_ns: int
    """When it was captured, ns since the Unix epoch."""
    unit: str | None
    pixels: Array
    """`[h, w]` or `[h, w, c]`."""


@dataclass(frozen=True)
class Pixel:
    """One pixel of a frame, exactly."""

    stream: str
    session: str
    """Which run of its producer, 16 hexadecimal digits."""
    seq: int
    t_ms: float
    """When its frame was captured, ms since the Unix epoch."""
    x: int
    """Column."""
    y: int
    """Row."""
    values: tuple[float, ...]
    """One per channel; of bool 0 or 1."""
    unit: str | None
    dtype: str
    """NumPy's name of what it was captured in."""

    @classmethod
    def of(cls, json: Mapping[str, Any]) -> Pixel:
        """From the answer of the API."""
        names = ("stream", "session", "seq", "t_ms", "x", "y", "unit", "dtype")
        # JSON has no NaN and no infinities: those come as words that float() reads.
        return cls(**{name: json[name] for name in names}, values=tuple(float(value) for value in json["values"]))


class Sample(NamedTuple):
    """One value of a series."""

    t_ns: int
    """ns since the Unix epoch."""
    value: float


@dataclass(frozen=True, eq=False)
class Series:
    """Samples of one series, oldest first."""

    stream: str
    name: str
    unit: str | None
    t_ns: npt.NDArray[np.int64]
    """ns since the Unix epoch."""
    values: npt.NDArray[np.float64]

    @property
    def time(self) -> npt.NDArray[np.datetime64]:
        """The same times as NumPy's, UTC."""
        return self.t_ns.astype("datetime64[ns]")

    def to_pandas(self) -> pd.Series[float]:
        """As a pandas series over UTC times; pandas has to be installed."""
        import pandas as pd  # noqa: PLC0415

        return pd.Series(self.values, pd.to_datetime(self.t_ns, utc=True), name=f"{self.stream}/{self.name}")

    def __len__(self) -> int:
        return len(self.values)
