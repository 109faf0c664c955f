"""Errors over HTTP: problem documents (RFC 9457) that never show a path or a trace."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from tracer_ray.errors import RequestError, UnknownEntityError
from tracer_ray.serving.json_text import json_bytes

MEDIA_TYPE = "application/problem+json"
RETRY_LATER_S = 1


@dataclass(frozen=True)
class Problem:
    """What went wrong: a short kind that machines can tell apart, and a sentence for people."""

    status: int
    kind: str
    title: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """The members of the problem document."""
        return {
            "type": f"urn:tracer:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }

    def response(self, request_id: str = "") -> Response:
        """The problem as a response; `instance` repeats the id of the request."""
        content = self.to_json()
        if request_id:
            content["instance"] = f"urn:tracer:request:{request_id}"
        return Response(json_bytes(content), self.status, dict(self.headers), media_type=MEDIA_TYPE)


class ProblemError(Exception):
    """A request that ends with a problem document."""

    def __init__(self, problem: Problem) -> None:
        """Carry the problem."""
        super().__init__(problem.detail)
        self.problem = problem


def problem_of(error: RequestError) -> Problem:
    """The problem of a request that can't be answered."""
    if isinstance(error, UnknownEntityError):
        return Problem(404, "unknown-entity", "Nothing is known of it", str(error))
    return Problem(422, "bad-request", "The request can't be read", str(error))


def bad_body(detail: str) -> Problem:
    """The body is no JSON, or not of the expected form."""
    return Problem(422, "bad-body", "The body can't be read", detail)


def bad_data(detail: str) -> Problem:
    """The body is no data that can be analyzed."""
    return Problem(422, "bad-data", "The data can't be read", detail)


def too_large(limit_bytes: int) -> Problem:
    """The body is larger than is read."""
    return Problem(
        413, "too-large", "The body is too large", f"at most {limit_bytes} bytes are read"
    )


def unknown_blueprint(name: str, known: Iterable[str]) -> Problem:
    """No release of that blueprint is served here."""
    detail = f"no blueprint {name[:60]!r} is served; there is {', '.join(known)}"
    return Problem(404, "unknown-blueprint", "No such blueprint", detail)


def composite_missing(detail: str) -> Problem:
    """No composite of that id is stored here."""
    return Problem(404, "unknown-composite", "No such composite", detail)


def bad_composite(detail: str) -> Problem:
    """The document is no composite, or there is no room for it."""
    return Problem(422, "bad-request", "The composite can't be made", detail)


def composite_taken(detail: str) -> Problem:
    """Another composite has that id already."""
    return Problem(409, "composite-taken", "There is one of that id", detail)


def composite_not_stored() -> Problem:
    """The storage did not take, or did not delete, a composite."""
    detail = "the storage did not answer as it should; look whether it was done before trying again"
    return _later(503, "not-stored", "The composite was not stored", detail)


def no_component(detail: str) -> Problem:
    """No component of a composite answers, and not because of the request."""
    return _later(503, "no-component", "Nothing answers", detail)


def no_release(name: str) -> Problem:
    """The blueprint's champion failed its check, and there was none before it."""
    detail = f"no release of {name!r} could be loaded; GET /ready says why"
    return _later(503, "no-release", "Nothing answers", detail)


def overloaded(limit: int) -> Problem:
    """More requests wait in this replica than it lets in."""
    detail = f"{limit} requests are waiting already; send it again later"
    return _later(503, "overloaded", "Too many requests at once", detail)


def no_room() -> Problem:
    """The proxy found no place in a replica in time, or no replica."""
    detail = "too many requests wait, or no replica is ready; send it again later"
    return _later(503, "overloaded", "Too many requests at once", detail)


def no_answer(status: int) -> Problem:
    """The replica ended before it answered, or was silent beyond its deadline (502, 504)."""
    detail = "the replica that had the request did not answer; it may be sent again"
    return _later(status, "no-answer", "The replica did not answer", detail)


def too_late(deadline_s: float) -> Problem:
    """The deadline passed before there was an answer."""
    detail = f"not answered within {deadline_s:g} s; send fewer rows, or send it again later"
    return _later(504, "too-late", "The deadline has passed", detail)


def not_stored() -> Problem:
    """The storage, or the application before it, did not say that it took what was sent."""
    detail = "perhaps nothing was stored; send it again, the same outcome twice counts once"
    return _later(503, "not-stored", "The outcomes were not stored", detail)


def no_key() -> Problem:
    """No key was sent, or one that is unknown or revoked; which of these is not said."""
    detail = "send a valid key: `Authorization: Bearer KEY`; `tracer keys create` makes one"
    return Problem(401, "no-key", "A key is needed", detail, {"WWW-Authenticate": "Bearer"})


def too_many(per_minute: int, wait_s: int) -> Problem:
    """The key has used up its rate."""
    detail = f"this key allows {per_minute} requests a minute; ask again in {wait_s} s"
    headers = {"Retry-After": str(wait_s)}
    return Problem(429, "too-many", "Too many requests with this key", detail, headers)


def client_gone() -> Problem:
    """Nobody waits for the answer any more; the status is the one proxies use in their logs."""
    return Problem(499, "client-gone", "The client went away", "the request was given up")


def unrouted(status: int, detail: str, headers: Mapping[str, str]) -> Problem:
    """No such path, or no such method there."""
    return Problem(status, "http", detail, detail, headers)


def internal() -> Problem:
    """A bug; its trace is in the log under the request's id."""
    detail = "the failure is in the server's log; the request may be sent again"
    return Problem(500, "internal", "Internal error", detail)


def _later(status: int, kind: str, title: str, detail: str) -> Problem:
    return Problem(status, kind, title, detail, {"Retry-After": str(RETRY_LATER_S)})
