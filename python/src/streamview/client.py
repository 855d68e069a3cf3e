"""Reading what a runner has, exact frames and all samples, and saying what it is to measure."""

from __future__ import annotations

import datetime
import io
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import numpy as np

from streamview import checks, rois
from streamview.http import Http, NotFoundError
from streamview.records import Frame, Pixel, Sample, Series, Stream
from streamview.rois import Roi

if TYPE_CHECKING:
    from streamview.arrays import Array
    from streamview.http import Response
    from streamview.rois import Shape

POLL_S = (0.004, 0.1)
"""How long an iterator waits before it asks again: as long as something comes, and at most."""
SAMPLES_POLL_S = 0.05


class Client:
    """Reads from one runner, over HTTP. May be used from any thread.

    Frames are those that were published, bit for bit; the runner keeps the newest ones of each stream. Iterators ask
    again and again for what is new instead of holding a websocket: that needs no further dependency, a reader that is
    slow costs the runner nothing, and every sample comes, where the page's websocket thins them for display.
    """

    def __init__(self, url: str | None = None, *, timeout_s: float = 10.0) -> None:
        """Does not connect yet.

        Args:
            url: Where the runner's page is; `http://127.0.0.1:8000` unless the environment variable `STREAMVIEW_URL`
                says something else.
            timeout_s: How long an answer may take.
        """
        self._http = Http(url, checks.positive(timeout_s, "timeout_s"))

    def streams(self) -> list[Stream]:
        """Every stream that the runner knows."""
        return [Stream.of(json) for json in self._http.get("/api/v1/streams").json()["streams"]]

    # --- frames

    def frame(self, stream: str, seq: int | None = None, *, session: str | None = None) -> Array:
        """The pixels of one frame as they were published: `[h, w]` or `[h, w, c]`, of the same dtype.

        Args:
            stream: Which stream.
            seq: Its number; the newest by default.
            session: Which run of the producer, as `Frame.session` says it; the newest that has the number by default.

        Raises:
            NotFoundError: The runner does not have it, or not any more.
            ConnectionError: Nobody answers.
        """
        return self._frame(stream, seq, session).pixels

    def latest(self, stream: str) -> Frame:
        """The newest frame, with its number and its capture time.

        Raises:
            NotFoundError: There is none.
            ConnectionError: Nobody answers.
        """
        return self._frame(stream, None, None)

    def frames(self, stream: str, *, every: bool = False, timeout_s: float | None = None) -> Iterator[Frame]:
        """Frames as they come, from the newest one on.

        Args:
            stream: Which stream; it may be one that is still to come.
            every: Whether to fetch every frame that the runner keeps. By default, whoever reads slowly is given the
                newest one next.
            timeout_s: Ends when nothing has come for so long; waits for ever by default.

        Raises:
            ConnectionError: Nobody answers.
        """
        last: tuple[str, int] | None = None
        pause_s, heard_s = POLL_S[0], time.monotonic()
        while timeout_s is None or time.monotonic() - heard_s < timeout_s:
            for frame in self._frames_after(stream, last, every):
                last = frame.session, frame.seq
                yield frame
                pause_s, heard_s = POLL_S[0], time.monotonic()
            time.sleep(pause_s)
            pause_s = min(1.5 * pause_s, POLL_S[1])

    def _frames_after(self, stream: str, last: tuple[str, int] | None, every: bool) -> Iterator[Frame]:
        try:
            kept = self._http.get(f"/api/v1/streams/{quote(stream, safe='')}/frames").json()["sessions"]
            if not kept:
                return
            session, newest = kept[-1]["session"], kept[-1]["to_seq"]
            if last == (session, newest):
                return
            if not every or last is None:
                yield self.latest(stream)
                return
        except NotFoundError:
            return
        first = kept[-1]["from_seq"] if last[0] != session else max(last[1] + 1, kept[-1]["from_seq"])
        for seq in range(first, newest + 1):
            try:
                yield self._frame(stream, seq, session)
            except NotFoundError:
                # Lost on its way to the runner, or forgotten by it meanwhile: the next number tells.
                continue

    def _frame(self, stream: str, seq: int | None, session: str | None) -> Frame:
        return _frame_of(stream, self._http.get(f"{_frame_path(stream, seq)}.npy", {"session": session}))

    def pixel(self, stream: str, x: int, y: int, seq: int | None = None, *, session: str | None = None) -> Pixel:
        """The values of one pixel as they were published, without fetching the frame.

        Args:
            stream: Which stream.
            x: Column, from 0.
            y: Row, from 0.
            seq: Which frame; the newest by default.
            session: Which run of the producer, as `Frame.session` says it; the newest by default.

        Raises:
            NotFoundError: The runner does not have the frame, or not any more.
            RunnerError: It is outside the frame.
            ConnectionError: Nobody answers.
        """
        at = {"x": checks.seq(x, "x"), "y": checks.seq(y, "y"), "session": session}
        return Pixel.of(self._http.get(f"{_frame_path(stream, seq)}/pixel", at).json())

    # --- regions of interest

    def rois(self, stream: str) -> list[Roi]:
        """The regions of a stream, in their order. Their series are `<stream>.roi/<name>.mean` and so on.

        Raises:
            NotFoundError: There is no such stream.
            ConnectionError: Nobody answers.
        """
        return _rois_of(self._http.get(_rois_path(stream)))

    def set_rois(self, stream: str, rois: Iterable[Roi]) -> list[Roi]:
        """Others instead of all regions; those that stay as they are go on with their series.

        Raises:
            TypeError, ValueError: A name or a coordinate makes no sense.
            NotFoundError: There is no such stream.
            RunnerError: The runner refuses them, and says which; it keeps those it has.
            ConnectionError: Nobody answers.
        """
        wanted = {"rois": [roi.json() for roi in rois]}
        return _rois_of(self._http.change("PUT", _rois_path(stream), wanted))

    def add_roi(self, stream: str, shape: Shape, name: str | None = None) -> Roi:
        """One region more, called `name`, or else by the runner.

        Raises:
            As `set_rois`; `RunnerError` also if there is one of that name.
        """
        wanted: dict[str, object] = {"shape": shape.json()}
        if name is not None:
            wanted["name"] = rois.name(name, "name")
        return Roi.of(self._http.change("POST", _rois_path(stream), wanted).json())

    def remove_roi(self, stream: str, name: str) -> None:
        """One region less.

        Raises:
            NotFoundError: There is no such stream or region.
            ConnectionError: Nobody answers.
        """
        self._http.change("DELETE", f"{_rois_path(stream)}/{quote(name, safe='')}")

    # --- series

    def series(
        self,
        name: str,
        *,
        stream: str | None = None,
        since: datetime.datetime | datetime.timedelta | None = None,
        until: datetime.datetime | datetime.timedelta | None = None,
    ) -> Series:
        """The samples of a series that the runner still holds.

        Args:
            name: Name of the series, such as `snr`.
            stream: Its stream, if several have a series of that name.
            since: The earliest, as a time or as a span before now: `timedelta(seconds=30)`; all by default.
            until: The latest, likewise; now by default.

        Raises:
            NotFoundError: There is no such series.
            ValueError: There are several.
            ConnectionError: Nobody answers.
        """
        # Asking for two points costs little and tells stream and unit.
        asked: dict[str, object] = {"stream": stream, "name": name}
        found = self._http.get("/api/v1/series", {**asked, "points": 2}).json()["series"]
        if len(found) > 1:
            streams = ", ".join(sorted(series["stream"] for series in found))
            raise ValueError(f"stream: several streams have a series {name!r}: name one of {streams}")
        stream = found[0]["stream"]
        # CSV has times in whole nanoseconds; ms in a double are a quarter of a us apart.
        asked = {"stream": stream, "name": name, "format": "csv"}
        asked |= {"from": _ms(since, "since"), "to": _ms(until, "until")}
        table = self._http.get("/api/v1/series", asked).body.decode()
        rows = [line.rsplit(",", 2)[1:] for line in table.splitlines()[1:]]
        return Series(
            stream=str(stream),
            name=name,
            unit=found[0]["unit"],
            t_ns=np.array([t for t, _ in rows], np.int64),
            values=np.array([value for _, value in rows], np.float64),
        )

    def samples(self, name: str, *, stream: str | None = None, timeout_s: float | None = None) -> Iterator[Sample]:
        """Samples as they come, all of them, from the newest one on; the series may be one that is still to come.

        Ends when nothing has come for `timeout_s`; waits for ever by default.
        """
        last_ns: int | None = None
        heard_s = time.monotonic()
        while timeout_s is None or time.monotonic() - heard_s < timeout_s:
            try:
                since = None if last_ns is None else _EPOCH + datetime.timedelta(microseconds=last_ns // 1000)
                series = self.series(name, stream=stream, since=since)
            except NotFoundError:
                time.sleep(SAMPLES_POLL_S)
                continue
            fresh = series.t_ns > last_ns if last_ns is not None else np.arange(len(series)) == len(series) - 1
            for t_ns, value in zip(series.t_ns[fresh].tolist(), series.values[fresh].tolist(), strict=True):
                last_ns = t_ns
                yield Sample(t_ns, value)
                heard_s = time.monotonic()
            time.sleep(SAMPLES_POLL_S)


def _frame_path(stream: str, seq: int | None) -> str:
    which = "latest" if seq is None else checks.seq(seq, "seq")
    return f"/api/v1/streams/{quote(stream, safe='')}/frames/{which}"


def _rois_path(stream: str) -> str:
    return f"/api/v1/streams/{quote(stream, safe='')}/rois"


def _rois_of(response: Response) -> list[Roi]:
    return [Roi.of(json) for json in response.json()["rois"]]


_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def _ms(moment: object, argument: str) -> float | None:
    """As ms since the Unix epoch."""
    if moment is None:
        return None
    if isinstance(moment, datetime.timedelta):
        moment = datetime.datetime.now(datetime.timezone.utc) - moment
    if not isinstance(moment, datetime.datetime):
        raise TypeError(f"{argument}: expected a datetime or a timedelta, got {type(moment).__name__}")
    return moment.timestamp() * 1000


def _frame_of(stream: str, response: Response) -> Frame:
    headers: Any = response.headers
    unit = headers["X-Streamview-Unit"]
    return Frame(
        stream=stream,
        session=headers["X-Streamview-Session"],
        seq=int(headers["X-Streamview-Seq"]),
        t_ns=int(headers["X-Streamview-Capture-Ns"]),
        unit=None if unit is None else unquote(unit),
        pixels=np.load(io.BytesIO(response.body), allow_pickle=False),
    )
