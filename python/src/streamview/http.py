"""Requests to a runner: one connection per thread, kept open, dialed again when it was closed meanwhile."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode, urlsplit

from streamview.surroundings import DEFAULT_URL

if TYPE_CHECKING:
    from collections.abc import Mapping

GOOD = range(200, 300)
NOT_FOUND = 404
BUSY = 503


class NotFoundError(LookupError):
    """The runner has no such stream, series or frame (any more); the message is the runner's."""


class RunnerError(RuntimeError):
    """The runner refused a request; the message is the runner's."""


@dataclass(frozen=True)
class Response:
    """A good answer."""

    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class _HttpConnection(http.client.HTTPConnection):
    def __del__(self) -> None:
        # With its thread or its client; nobody else could close it.
        self.close()


class _HttpsConnection(_HttpConnection, http.client.HTTPSConnection):
    pass


class Http:
    """Requests to one runner. May be used from any thread."""

    def __init__(self, url: str | None, timeout_s: float) -> None:
        """`url` is `http://host:port`, else `STREAMVIEW_URL`, else a runner on this machine.

        Raises:
            ValueError: It is something else.
        """
        self.url = (url or os.environ.get("STREAMVIEW_URL") or DEFAULT_URL).rstrip("/")
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ValueError(f"url: {self.url!r}: expected http://host:port, such as {DEFAULT_URL}")
        self._parts = parts
        self._timeout_s = timeout_s
        self._of_thread = threading.local()

    def get(self, path: str, query: Mapping[str, object] | None = None) -> Response:
        """What is at a path; keys of `query` whose value is None are left out.

        Raises:
            ConnectionError: Nobody answers.
            NotFoundError, RunnerError: The runner says no.
        """
        pairs = {key: value for key, value in (query or {}).items() if value is not None}
        target = self._parts.path + path + ("?" + urlencode(pairs) if pairs else "")
        return self._answer("GET", target, None)

    def change(self, method: Literal["DELETE", "POST", "PUT"], path: str, content: object = None) -> Response:
        """The answer to a request that changes something, with a body of JSON unless it is None. It is sent once.

        Raises:
            ConnectionError: Nobody answers; whether anything has changed is not known.
            NotFoundError, RunnerError: The runner says no; nothing has changed.
        """
        return self._answer(method, self._parts.path + path, content)

    def _answer(self, method: str, target: str, content: object) -> Response:
        deadline = time.monotonic() + self._timeout_s
        while True:
            status, response = self._exchange(method, target, content)
            if status != BUSY or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        if status in GOOD:
            return response
        try:
            problem = response.json()["error"]
        except (ValueError, KeyError, TypeError):
            problem = f"{target}: status {status}"
        raise NotFoundError(problem) if status == NOT_FOUND else RunnerError(problem)

    def _exchange(self, method: str, target: str, content: object) -> tuple[int, Response]:
        kept = getattr(self._of_thread, "connection", None)
        if kept is not None and self._of_thread.pid == os.getpid():
            try:
                # What changes something must not be sent twice, so not over what may have been closed meanwhile.
                if method == "GET":
                    return self._ask(kept, method, target, content)
            except (http.client.HTTPException, ConnectionError):
                # Closed since the last request, which is no trouble: a new one says whether there is any.
                pass
            kept.close()
        self._of_thread.connection = None
        dial = _HttpsConnection if self._parts.scheme == "https" else _HttpConnection
        fresh = dial(self._parts.hostname or "", self._parts.port, timeout=self._timeout_s)
        try:
            answer = self._ask(fresh, method, target, content)
        except (http.client.HTTPException, OSError) as error:
            fresh.close()
            raise ConnectionError(f"no runner answers at {self.url}: {error}") from error
        self._of_thread.connection = fresh
        self._of_thread.pid = os.getpid()
        return answer

    @staticmethod
    def _ask(connection: http.client.HTTPConnection, method: str, target: str, content: object) -> tuple[int, Response]:
        if content is None:
            connection.request(method, target)
        else:
            connection.request(method, target, json.dumps(content), {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, Response(response.headers, response.read())
