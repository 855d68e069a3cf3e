"""Defaults that come from the surroundings: where the runner is, and what this program is called."""

from __future__ import annotations

import errno
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

DEFAULT_INGEST = "tcp://127.0.0.1:5555"
DEFAULT_URL = "http://127.0.0.1:8000"


def endpoint(connect: object) -> str:
    """Where to publish: `connect`, else `STREAMVIEW_INGEST`, else a runner on this machine.

    Raises:
        TypeError, ValueError: It is no `tcp://host:port` and no `ipc:///path`.
    """
    source = "connect"
    if connect is None and (connect := os.environ.get("STREAMVIEW_INGEST")):
        source = "STREAMVIEW_INGEST"
    if connect is None:
        return DEFAULT_INGEST
    if not isinstance(connect, str):
        raise TypeError(f"{source}: expected an address (str), got {connect!r}")
    refused = ValueError(
        f"{source}: {connect[:200]!r} is no address: expected tcp://host:port, such as {DEFAULT_INGEST}"
    )
    try:
        address = urlsplit(connect)
        port = address.port
    except ValueError:
        raise refused from None
    if address.scheme == "ipc" and address.path:
        return connect
    plain = not (address.path or address.query or address.fragment or address.username)
    if address.scheme != "tcp" or not address.hostname or not port or not plain or "*" in connect:
        raise refused
    return connect


def program() -> str:
    """What this program is called, as the name of a stream: `analysis` for `python analysis.py`."""
    main = sys.modules.get("__main__")
    if "ipykernel" in sys.modules:
        return "notebook"
    path = getattr(main, "__file__", None)
    if path is None:
        return "python"
    stem = Path(path).stem
    if stem == "__main__":
        # python -m package
        stem = Path(path).parent.name
    return re.sub(r"[^A-Za-z0-9_-]", "-", stem)[:64] or "python"


def descriptors_left() -> int:
    """How many files this process may still open; many, where that cannot be told."""
    if resource is None:
        return sys.maxsize
    try:
        return resource.getrlimit(resource.RLIMIT_NOFILE)[0] - len(os.listdir("/dev/fd"))  # noqa: PTH208
    except OSError as error:
        return 0 if error.errno in (errno.EMFILE, errno.ENFILE) else sys.maxsize
