"""The bytes of `tests/fixtures/wire.json`, which the other implementations read too."""

from __future__ import annotations

import json
from typing import Any

import msgpack
import numpy as np
import pytest

from streamview import wire
from tests.conftest import REPOSITORY

FIXTURES = json.loads((REPOSITORY / "tests" / "fixtures" / "wire.json").read_text())
MESSAGES = [fixture for fixture in FIXTURES if "message" in fixture]
KNOWN = {"v", "session", "seq", "t", "shape", "dtype", "fps", "unit", "range", "frame", "values", "dt", "names"}
KNOWN |= {"scale", "event", "end", "pixel_size", "pixel_unit"}


def names(fixtures: list[dict[str, Any]]) -> list[str]:
    return [fixture["name"] for fixture in fixtures]


def encode(message: dict[str, Any]) -> tuple[bytes, bytes]:
    """Topic and header of a fixture's message."""
    stamp = wire.Stamp(int(message["session"]), int(message["seq"]), int(message["t_ns"]))
    if message["kind"] == "frame":
        dtype = np.dtype(message["dtype"]).newbyteorder("<")
        keys = ("fps", "unit", "range", "pixel_size", "pixel_unit")
        header = wire.frame_header(stamp, message["shape"], dtype, *(message[key] for key in keys))
    elif message["kind"] == "event":
        header = wire.event_header(stamp, message["text"], message["end"])
    elif "values" in message:
        values = {name: float(value) for name, value in message["values"].items()}
        frame = None if message["frame"] is None else int(message["frame"])
        header = wire.values_header(stamp, values, frame, message["unit"])
    else:
        block = message["block"]
        dtype = np.dtype(block["dtype"]).newbyteorder("<")
        shape = [block["rows"], block["channels"]]
        scale = None if block["scale"] == 1.0 else block["scale"]
        header = wire.block_header(stamp, shape, dtype, block["dt_ns"], block["names"], scale, message["unit"])
    return wire.topic(message["kind"], message["stream"]), header


@pytest.mark.parametrize("fixture", MESSAGES, ids=names(MESSAGES))
def test_every_message_is_encoded_as_other_implementations_do(fixture: dict[str, Any]) -> None:
    topic, header, _ = map(bytes.fromhex, fixture["parts_hex"])
    ours = encode(fixture["message"])
    if fixture["canonical"]:
        assert ours == (topic, header)
        return
    assert ours[0] == topic
    theirs = {key: value for key, value in msgpack.unpackb(header).items() if key in KNOWN and value is not None}
    # What may be left out, or written in two ways.
    if len(theirs.get("shape", ())) == 3 and theirs["shape"][2] == 1:
        theirs["shape"] = theirs["shape"][:2]
    defaults = [("scale", 1.0), ("end", False), *(("pixel_unit", unit) for unit in ("µm", "um", "\u03bcm"))]
    theirs = {key: value for key, value in theirs.items() if (key, value) not in defaults}
    assert msgpack.unpackb(ours[1]) == theirs


def test_a_header_that_no_runner_reads_is_refused() -> None:
    with pytest.raises(ValueError, match="values: a header of"):
        wire.values_header(wire.Stamp(1, 2, 3), {f"{n:0128}": 1.0 for n in range(9000)})
