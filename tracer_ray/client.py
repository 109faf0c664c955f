"""Asking a running service over HTTP, with the verbs of a local model."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tracer_ray.errors import RequestError, ServiceError, TracerError, UnknownEntityError

Answer = dict[str, object]
_MOST_ROWS, _MOST_OF_COMPOSITES = 1_000, 200
_MOST_BYTES, _BYTES = 32 * 2**20, "application/octet-stream"
_NOT_READY = 503
_OF_THE_REQUEST = ("unknown-entity", "bad-request", "bad-body", "bad-data", "too-large")


@dataclass(frozen=True)
class Client:
    """A service at a URL such as http://127.0.0.1:8000; `key` where it demands one.

    Every call raises ServiceError where the service can't be reached or refuses the key, naming the
    URL; nothing is sent twice.
    """

    url: str
    key: str | None = field(default=None, repr=False)
    timeout_s: float = 30.0

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

    def composites(self) -> list[Answer]:
        """The documents of the composites that can be asked."""
        found = self._send("/composites")
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
        return _object(f"{self.url}/analyze", self._send("/analyze", content, _BYTES))

    def blueprints(self) -> list[Answer]:
        """What can be asked, what is answered, and an example of each."""
        found = self._send("/blueprints")
        return found if isinstance(found, list) else []

    def ready(self) -> bool:
        """Whether every release is loaded and answers; ServiceError where nobody is there."""
        try:
            self._send("/ready")
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
        return _object(self.url + path, self._send(path, content))

    def _send(self, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
        """The JSON that a path answers with; a POST where there is a body."""
        url = self.url.rstrip("/") + path
        headers = {"Content-Type": kind}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            asked = urllib.request.Request(url, body, headers)
            with urllib.request.urlopen(asked, timeout=self.timeout_s) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            raise _refusal(url, error) from error
        except (OSError, ValueError) as error:
            raise ServiceError(f"{url}: no answer: {error}; is the service running?") from error


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
