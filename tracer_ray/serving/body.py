"""Reading the body of a request, of bounded size."""

from starlette.requests import ClientDisconnect, Request

from tracer_ray.serving.json_text import parse_json
from tracer_ray.serving.problems import ProblemError, bad_body, client_gone, too_large

MOST_BYTES = 4 * 2**20


async def read_json(request: Request) -> object:
    """The body's JSON; no more than the limit is ever read. ProblemError where it is none."""
    body = await read_body(request, MOST_BYTES)
    try:
        return parse_json(body)
    except ValueError as error:
        raise ProblemError(bad_body(f"expected JSON: {error}")) from error


async def read_body(request: Request, most_bytes: int) -> bytes:
    """The whole body; ProblemError where it is larger, as soon as that is seen."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most_bytes:
                raise ProblemError(too_large(most_bytes))
    except ClientDisconnect as error:
        raise ProblemError(client_gone()) from error
    return bytes(body)
