"""Analyzing what was sent, in a process that can be ended: data from anybody may take any time."""

import asyncio
import logging
from typing import Any

from tracer_ray.analysis.uploads import analyze_bytes
from tracer_ray.errors import DataError
from tracer_ray.serving.api_document import Json
from tracer_ray.serving.problems import ProblemError, bad_data, overloaded, too_late

WITHIN_S = 20.0
MOST_AT_ONCE = 2
_LOG = logging.getLogger(__name__)
_inside = asyncio.Semaphore(MOST_AT_ONCE)


async def analyze(body: bytes) -> Json:
    """What `analyze` says of data; ProblemError where it is none, too slow, or too many wait."""
    import ray

    if _inside.locked():
        raise ProblemError(overloaded(MOST_AT_ONCE))
    async with _inside:
        task: Any = ray.remote(num_cpus=0, max_retries=0)(_analyzed).remote(body)
        try:
            async with asyncio.timeout(WITHIN_S):
                found, refusal = await task
        except TimeoutError as error:
            raise ProblemError(too_late(WITHIN_S)) from error
        finally:
            ray.cancel(task, force=True)  # nothing happens to one that has ended
    if refusal:
        raise ProblemError(bad_data(refusal))
    answer: Json = found
    return answer


def _analyzed(body: bytes) -> tuple[Json, str]:
    """The analysis, or why there is none."""
    try:
        return analyze_bytes(body).to_json(), ""
    except DataError as error:
        return {}, str(error)
