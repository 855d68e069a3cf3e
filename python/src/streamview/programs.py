"""The programs that streamview's Rust half is made of: where they are, and how a runner is started."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SUFFIX = ".exe" if os.name == "nt" else ""
_ANNOUNCED = re.compile(rb"nodes connect to (tcp://\S+)|open (http://\S+)")


class ProgramNotFoundError(FileNotFoundError):
    """A program is nowhere to be found; the message says where it was looked for and what to do."""


def find(name: str) -> Path:
    """The path of `runner`, `frame-node` or `metric-node`.

    Looked for in the directory that `STREAMVIEW_BIN` names, in the package's own `bin` (for wheels that bring the
    programs), and in `PATH`.

    Raises:
        ProgramNotFoundError: It is in none of them.
    """
    own = Path(__file__).parent / "bin"
    named = os.environ.get("STREAMVIEW_BIN")
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    # Who names a directory means that one, and wants to know that it is wrong.
    places = [Path(named)] if named else [own, *map(Path, path)]
    for place in places:
        found = shutil.which(name + _SUFFIX, path=str(place))
        if found:
            return Path(found).absolute()
    looked = f"STREAMVIEW_BIN, which is {named}" if named else f"{own} and PATH (STREAMVIEW_BIN is not set)"
    raise ProgramNotFoundError(
        f"streamview's program {name!r} was not found in {looked}. Build it in streamview's repository with "
        "./scripts/build, and set STREAMVIEW_BIN to its target/release; or use the container, see the README."
    )


class Runner:
    """A runner that was started here and is stopped with `stop`, or at the end of a `with`."""

    def __init__(self, arguments: Sequence[str] = (), *, patience_s: float = 30.0) -> None:
        """Starts it and returns when it listens.

        Args:
            arguments: As on the command line. `--listen 127.0.0.1:0 --ingest 127.0.0.1:0` takes free ports.
            patience_s: How long it may take until it listens.

        Raises:
            ProgramNotFoundError: There is no runner.
            RuntimeError: It ended, or did not listen in time; with what it said.
        """
        # A file and no pipe, which would stop the runner when it is full.
        self._directory = tempfile.TemporaryDirectory(prefix="streamview-")
        self._log = Path(self._directory.name) / "runner.log"
        self._said = b""
        try:
            command = [str(find("runner")), *arguments]
        except ProgramNotFoundError:
            self._directory.cleanup()
            raise
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log)
        self.ingest = ""
        """Where nodes connect, `tcp://…`."""
        self.url = ""
        """Where browsers and clients connect, `http://…`."""
        deadline = time.monotonic() + patience_s
        while not (self.ingest and self.url):
            for ingest, url in _ANNOUNCED.findall(self.said()):
                self.ingest = ingest.decode() or self.ingest
                self.url = url.decode() or self.url
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the runner did not start:\n{self.said().decode(errors='replace').strip()}")
            time.sleep(0.02)

    def said(self) -> bytes:
        """Its log; once it was stopped, all of it."""
        if self._log.exists():
            self._said = self._log.read_bytes()
        return self._said

    def stop(self, grace_s: float = 10.0) -> int:
        """Stops it as Ctrl-C does, and kills it if it does not end. Returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(grace_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
        code = self.process.wait()
        self.said()
        self._directory.cleanup()
        return code

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
