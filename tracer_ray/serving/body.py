"""Reading the body of a request: JSON of bounded size."""

from starlette.requests import ClientDisconnect, Request

from tracer_ray.serving.json_text import parse_json
from tracer_ray.serving.problems import ProblemError, bad_body, client_gone, too_large

MOST_BYTES = 4 * 2**20


async def read_json(request: Request) -> object:
    """The body's JSON; no more than the limit is ever read. ProblemError where it is none."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise ProblemError(too_large(MOST_BYTES))
    except ClientDisconnect as error:
        raise ProblemError(client_gone()) from error
    try:
        return parse_json(bytes(body))
    except ValueError as error:
        raise ProblemError(bad_body(f"expected JSON: {error}")) from error
