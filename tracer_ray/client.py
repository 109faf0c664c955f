"""Asking a running service over HTTP, with the verbs of a local model."""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tracer_ray.errors import RequestError, ServiceError, TracerError, UnknownEntityError

Answer = dict[str, object]
_MOST_ROWS, _MOST_OF_COMPOSITES = 1_000, 200
_MOST_BYTES, _BYTES = 32 * 2**20, "application/octet-stream"
_READY, _NOT_READY, _ENDED, _NOTHING = "/ready", 503, 502, 204
_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0
_OF_THE_REQUEST = ("unknown-entity", "bad-request", "bad-body", "bad-data", "too-large")


@dataclass(frozen=True)
class Client:
    """A service at a URL such as http://127.0.0.1:8000; `key` where it demands one.

    Every call raises ServiceError where the service can't be reached or refuses the key, naming the
    URL.

    A prediction changes nothing, so it may be asked for again: where nobody answers, the answer is
    502 or 503, or it comes from a proxy that knows no replica yet, a call is repeated after pauses
    that grow (or after the Retry-After of the answer) for at most `retry_s`, within `timeout_s`.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    timeout_s: float = 30.0
    retry_s: float = 15.0

    def predict(self, blueprint: str, request: Mapping[str, object]) -> Answer:
        """The answer to one request; RequestError where it can't be answered."""
        return self._ask(f"/predict/{quote(blueprint, safe='')}", request)

    def predict_batch(
        self, blueprint: str, requests: Sequence[Mapping[str, object]]
    ) -> list[Answer | RequestError]:
        """An answer or an error per request, in their order, however many there are."""
        return self._ask_all(f"/predict/{quote(blueprint, safe='')}/batch", requests, _MOST_ROWS)

    def predict_composite(self, composite: str, request: Mapping[str, object]) -> Answer:
        """What all components of a composite say of a request, and which actions pay."""
        return self._ask(f"/composites/{quote(composite, safe='')}/predict", request)

    def predict_composite_batch(
        self, composite: str, requests: Sequence[Mapping[str, object]]
    ) -> list[Answer | RequestError]:
        """The same for each of several requests, or its error."""
        path = f"/composites/{quote(composite, safe='')}/predict/batch"
        return self._ask_all(path, requests, _MOST_OF_COMPOSITES)

    def create_composite(
        self, document: Mapping[str, object], *, is_replacing: bool = False
    ) -> Answer:
        """Store a composite, which is answered at once, and return its document.

        `document` has id, objective, components (blueprint ids, or objects with what is said of
        each), and perhaps actions and margin. RequestError where it contradicts itself,
        ServiceError where there is one of that id and it does not replace it.
        """
        return self._ask(f"/composites?replace={str(is_replacing).lower()}", document)

    def delete_composite(self, composite: str) -> None:
        """Forget a composite; ServiceError where there is none of that id."""
        self._send(_Call(f"/composites/{quote(composite, safe='')}", method="DELETE"))

    def composites(self) -> list[Answer]:
        """The documents of the composites that can be asked."""
        found = self._send(_Call("/composites"))
        return found if isinstance(found, list) else []

    def analyze(self, data: object) -> Answer:
        """What a file, or a table of any kind, holds, and which blueprints it fits.

        RequestError where it can't be read as data, or is larger than a service takes.
        """
        content = _content(data)
        if len(content) > _MOST_BYTES:
            raise RequestError(
                f"{len(content):,} bytes; a service takes {_MOST_BYTES:,}: send fewer rows, or "
                "run `tracer analyze` where the data is"
            )
        return _object(f"{self.url}/analyze", self._send(_Call("/analyze", content, _BYTES)))

    def blueprints(self) -> list[Answer]:
        """What can be asked, what is answered, and an example of each."""
        found = self._send(_Call("/blueprints"))
        return found if isinstance(found, list) else []

    def ready(self) -> bool:
        """Whether every release is loaded and answers; ServiceError where nobody is there."""
        try:
            self._send(_Call(_READY))
        except ServiceError as error:
            if error.status == _NOT_READY:
                return False
            raise
        return True

    def _ask_all(
        self, path: str, requests: Sequence[Mapping[str, object]], most: int
    ) -> list[Answer | RequestError]:
        """What a path says of each request, so many at a time."""
        answers: list[Answer | RequestError] = []
        for start in range(0, len(requests), most):
            said = self._ask(path, {"rows": list(requests[start : start + most])})
            rows = said["rows"]
            answers += [_row(each) for each in rows] if isinstance(rows, list) else []
        return answers

    def _ask(self, path: str, body: Mapping[str, object]) -> Answer:
        try:
            content = json.dumps(body, default=str, allow_nan=False).encode()
        except ValueError as error:
            raise RequestError(f"a request can't be written as JSON: {error}") from error
        return _object(self.url + path, self._send(_Call(path, content)))

    def _send(self, call: "_Call") -> Any:
        """The JSON that a call is answered with, None where that is nothing."""
        began_s, pause_s = time.monotonic(), _PAUSE_S
        while True:
            left_s = began_s + self.timeout_s - time.monotonic()
            try:
                return self._send_once(call, max(left_s, _PAUSE_S))
            except _AgainError as again:
                wait_s = max(pause_s, again.after_s)
                if time.monotonic() + wait_s > began_s + min(self.retry_s, self.timeout_s):
                    raise again.error from again.__cause__
            time.sleep(wait_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _send_once(self, call: "_Call", timeout_s: float) -> Any:
        url = self.url.rstrip("/") + call.path
        headers = {"Content-Type": call.kind}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            asked = urllib.request.Request(url, call.body, headers, method=call.method)
            with urllib.request.urlopen(asked, timeout=timeout_s) as reply:
                return None if reply.status == _NOTHING else json.load(reply)
        except urllib.error.HTTPError as error:
            refusal = _refusal(url, error)
            if _is_passing(call.path, error):
                raise _AgainError(refusal, _retry_after_s(error)) from error
            raise refusal from error
        except ValueError as error:
            raise _silent(url, error) from error
        except (OSError, HTTPException) as error:
            raise _AgainError(_silent(url, error)) from error


@dataclass(frozen=True)
class _Call:
    """What is sent: without a method a POST where there is a body, else a GET."""

    path: str
    body: bytes | None = None
    kind: str = "application/json"
    method: str | None = None


class _AgainError(Exception):
    """A call that may succeed when it is repeated, and what it fails with otherwise."""

    def __init__(self, error: TracerError, after_s: float = 0.0) -> None:
        super().__init__(str(error))
        self.error, self.after_s = error, after_s


def _silent(url: str, error: Exception) -> ServiceError:
    return ServiceError(f"{url}: no answer: {error}; is the service running?")


def _is_passing(path: str, error: urllib.error.HTTPError) -> bool:
    """Whether an answer may be another one soon: too busy, or said for want of a replica."""
    if path == _READY:  # its 503 is the answer
        return False
    is_ours = "json" in error.headers.get("Content-Type", "")
    return error.code in (_NOT_READY, _ENDED) or (not is_ours and error.code in (404, 500, 504))


def _retry_after_s(error: urllib.error.HTTPError) -> float:
    after = error.headers.get("Retry-After", "")
    return float(after) if after.isdecimal() else 0.0


def _content(data: object) -> bytes:
    """A file's bytes, or a table as Parquet."""
    if isinstance(data, str | os.PathLike):
        try:
            return Path(data).read_bytes()
        except OSError as error:
            raise RequestError(f"{os.fspath(data)}: can't be read: {error.strerror}") from error
    from tracer_ray.frames import parquet_bytes, to_arrow

    return parquet_bytes(to_arrow(data))


def _object(url: str, said: object) -> Answer:
    if not isinstance(said, dict):
        raise ServiceError(f"{url}: expected an object; is this Tracer?")
    return said


def _row(said: Mapping[str, Any]) -> Answer | RequestError:
    """A row of a batch: its answer, or its own error."""
    return _error_of(said["error"]) if "error" in said else dict(said)


def _refusal(url: str, error: urllib.error.HTTPError) -> TracerError:
    """What the service's problem document says, as the error that a local model raises."""
    try:
        problem = json.load(error)
    except ValueError:
        problem = {}
    if _kind(problem) in _OF_THE_REQUEST:
        return _error_of(problem)
    detail = problem.get("detail", error.reason)
    return ServiceError(f"{url}: {error.code}: {detail}", status=error.code)


def _error_of(problem: Mapping[str, Any]) -> RequestError:
    is_unknown = _kind(problem) == "unknown-entity"
    return (UnknownEntityError if is_unknown else RequestError)(str(problem.get("detail", "")))


def _kind(problem: Mapping[str, Any]) -> str:
    """The short kind at the end of a problem's type.

    >>> _kind({"type": "urn:tracer:problem:too-large"})
    'too-large'
    """
    return str(problem.get("type", "")).rpartition(":")[2]
