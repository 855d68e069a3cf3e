"""cala's pipelines, run by the published `noob`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import Listener

pytest.importorskip("noob", reason="noob is not installed (it needs Python 3.11)")
xr = pytest.importorskip("xarray", reason="xarray is not installed")

from noob import SynchronousRunner, Tube  # noqa: E402

from streamview import cala  # noqa: E402

# As a pipeline of cala has it, but for the three types.
PIPELINE = """
noob_id: cala-with-streamview
noob_model: noob.tube.TubeSpecification
noob_version: 1003.0.2

nodes:
  movie:
    type: tests.cala_sources.movie
  cells:
    type: tests.cala_sources.Cells
    depends:
      - frame: movie.frame
  raw_movie:
    type: streamview.cala.Encoder
    params:
      frame_rate: 20
    depends:
      - movie.frame
  shapes:
    type: streamview.cala.Stamper
    params:
      grid_id: footprints
      frame_rate: 20
      gain: 2.0
    depends:
      - footprints: cells.footprints
      - new_traces: cells.new_traces
  component_count:
    type: streamview.cala.Counter
    depends:
      - index: movie.index
      - traces: cells.traces
  return:
    type: return
    depends:
      - count: component_count.value
"""


@pytest.fixture
def pipeline(tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> Tube:
    """The pipeline above, publishing to the stand-in."""
    monkeypatch.setenv("STREAMVIEW_INGEST", listener.endpoint)
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent))
    path = tmp_path / "pipeline.yaml"
    path.write_text(PIPELINE)
    return Tube.from_specification(path)


def test_a_pipeline_with_the_types_changed_shows_frames_cells_and_counts(pipeline: Tube, listener: Listener) -> None:
    runner = SynchronousRunner(tube=pipeline)
    with runner:
        returned = [runner.process() for _ in range(4)]
    assert [result["count"] for result in returned] == [{"index": n, "count": max(0, n - 1)} for n in range(4)]
    messages: dict[str, list[Any]] = {}
    ends = 0
    while ends < 3:
        topic, header, payload = listener.take()
        ends += bool(header.get("end"))
        messages.setdefault(topic, []).append((header, payload))
    for index, (header, payload) in enumerate(messages["frame/raw_movie"]):
        assert (header["seq"], header["dtype"], header["shape"], header["fps"]) == (index, "<u2", [6, 8], 20.0)
        assert payload == np.full((6, 8), 1000 + index, np.uint16).tobytes()
    # Nothing to show before the first cell.
    shown = messages["frame/footprints"]
    assert [header["seq"] for header, _ in shown] == [2, 3]
    picture = np.frombuffer(shown[-1][1], np.uint8).reshape(6, 8, 3)
    assert picture[0, 0].tolist() == [int(2 * 50 * part) for part in cala.color_of(0)]
    assert picture[1, 0].tolist() == [int(2 * 60 * part) for part in cala.color_of(1)]
    assert not picture[2:].any()
    counted = messages["metric/component_count"]
    assert [(h["frame"], h["values"]) for h, _ in counted] == [(n, {"count": float(max(0, n - 1))}) for n in range(4)]


def test_a_second_run_is_a_new_session(pipeline: Tube, listener: Listener) -> None:
    sessions = set()
    for _ in range(2):
        runner = SynchronousRunner(tube=pipeline)
        with runner:
            runner.process()
        taken = listener.take_until(lambda topic, header: topic == "event/raw_movie" and header.get("end", False))
        sessions |= {header["session"] for topic, header, _ in taken if topic == "frame/raw_movie"}
    assert len(sessions) == 2


def test_sparse_footprints_look_like_dense_ones() -> None:
    class Coo:
        """What is used of `sparse.COO`."""

        def __init__(self, dense: Any) -> None:
            self.coords = np.array(np.nonzero(dense))
            self.data = dense[tuple(self.coords)]
            self.shape = dense.shape

        def todense(self) -> None:
            raise AssertionError("made dense")

    rng = np.random.default_rng(0)
    dense = rng.random((5, 7, 9)) * (rng.random((5, 7, 9)) > 0.7)
    traces = rng.random(5) * 100
    for coloured in (True, False):
        np.testing.assert_array_equal(
            cala.stamp(Coo(dense), traces, 2.0, coloured), cala.stamp(dense, traces, 2.0, coloured)
        )
