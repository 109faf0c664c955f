"""What is asked: one row of a request, and what the request says of all its rows."""

from dataclasses import dataclass
from datetime import datetime

from tracer_ray.prediction.requests import Request


@dataclass(frozen=True)
class Asked:
    """A row of a request, and its number there; the request's id, its own key, and when it came."""

    request: Request
    number: int
    request_id: str
    key: str
    now: datetime
