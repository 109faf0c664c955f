"""A visit: one HTTP request as the gate sees it, and the headers of its answer."""

import re
import time
import uuid
from dataclasses import dataclass, field
from functools import cached_property

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Scope, Send

REQUEST_ID_HEADER = "x-request-id"
_SAFE_ID = re.compile(r"[A-Za-z0-9._:@/+=-]{1,128}")
_PREDICT = "/predict/"
_COMPOSITE = re.compile(r"/composites/[^/]+/predict(/batch)?")
_ANALYZE = "/analyze"
_BATCH = "/batch"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_NOTHING = "default-src 'none'; frame-ancestors 'none'"
# the page of documentation has a script in itself, and pictures in its style sheet
_DOCUMENTATION = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; frame-ancestors 'none'"
)


@dataclass
class Visit:
    """One request, and what became of it: `status` is 0 until an answer has begun."""

    scope: Scope
    sends_id: bool
    status: int = 0
    started_s: float = field(default_factory=time.perf_counter)

    @cached_property
    def headers(self) -> Headers:
        """The request's headers."""
        return Headers(scope=self.scope)

    @cached_property
    def id(self) -> str:
        """The id that the client gave, where it is fit for a log; else a new one."""
        given = self.headers.get(REQUEST_ID_HEADER, "")
        return given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex

    @property
    def path(self) -> str:
        """The whole path."""
        path: str = self.scope["path"]
        return path

    @property
    def is_prediction(self) -> bool:
        """Whether it asks for predictions, or for an analysis: what takes time and room."""
        is_composite = _COMPOSITE.fullmatch(self.path) is not None
        return self.path.startswith(_PREDICT) or is_composite or self.path == _ANALYZE

    @property
    def is_batch(self) -> bool:
        """Whether it asks for many at once."""
        return self.is_prediction and self.path.endswith((_BATCH, _ANALYZE))

    @property
    def blueprint(self) -> str:
        """The blueprint in the path, which nobody has checked; else composites or analyze."""
        if not self.path.startswith(_PREDICT):
            return self.path.split("/")[1]
        return self.path.removeprefix(_PREDICT).removesuffix(_BATCH)

    @property
    def seconds(self) -> float:
        """How long it has been here."""
        return time.perf_counter() - self.started_s

    def answered_by(self, send: Send) -> Send:
        """What sends an answer and adds the headers that every answer has."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                is_page = self.path.startswith("/docs")
                headers["Content-Security-Policy"] = _DOCUMENTATION if is_page else _NOTHING
                if self.sends_id:
                    headers[REQUEST_ID_HEADER] = self.id
            await send(message)

        return send_with_headers
