"""The path that profiles data and suggests blueprints."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from tracer_ray.serving.api_document import FAILURES, Json
from tracer_ray.serving.body import read_body
from tracer_ray.serving.json_text import json_response

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_BYTES = 32 * 2**20
Analyze = Callable[[bytes], Awaitable[Json]]
_BODY: Json = {
    "requestBody": {
        "required": True,
        "description": f"CSV or Parquet, or a JSON list of rows; at most {MOST_BYTES} bytes",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
        },
    }
}


def add_analysis(app: "FastAPI", analyze: Analyze) -> None:
    """Let an application analyze data; `analyze` raises ProblemError where it can't."""

    @app.post(
        "/analyze",
        summary="What data holds, which blueprints it fits, and what to type next",
        openapi_extra=_BODY,
        responses=FAILURES,
    )
    async def analyze_data(request: Request) -> Response:
        found = await analyze(await read_body(request, MOST_BYTES))
        return json_response(found)
