"""Errors over HTTP: problem documents (RFC 9457) that never show a path or a trace."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from tracer_ray.engine.json_text import json_bytes
from tracer_ray.errors import RequestError, UnknownEntityError

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """What went wrong: a short kind that machines can tell apart, and a sentence for people."""

    status: int
    kind: str
    title: str
    detail: str

    def to_json(self) -> dict[str, object]:
        """The members of the problem document."""
        return {
            "type": f"urn:tracer:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        """The problem as a response."""
        return Response(
            json_bytes(self.to_json()), self.status, dict(headers or {}), media_type=MEDIA_TYPE
        )


def problem_of(error: RequestError) -> Problem:
    """The problem of a request that can't be answered."""
    if isinstance(error, UnknownEntityError):
        return Problem(404, "unknown-entity", "Nothing is known of it", str(error))
    return Problem(422, "bad-request", "The request can't be read", str(error))


def bad_body(detail: str) -> Problem:
    """The body is no JSON, or not of the expected form."""
    return Problem(422, "bad-body", "The body can't be read", detail)


def too_large(limit_bytes: int) -> Problem:
    """The body is larger than is read."""
    return Problem(
        413, "too-large", "The body is too large", f"at most {limit_bytes} bytes are read"
    )


def unknown_blueprint(name: str, known: list[str]) -> Problem:
    """No release of that blueprint is served here."""
    detail = f"no blueprint {name[:60]!r} is served; there is {', '.join(known)}"
    return Problem(404, "unknown-blueprint", "No such blueprint", detail)
