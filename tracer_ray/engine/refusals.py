"""Counting what HAProxy refused: no replica saw these requests, so no gate counted them."""

import re

from tracer_ray.engine.metrics import alive_nodes, read_page
from tracer_ray.engine.proxy import counters_port
from tracer_ray.serving.meter import SHED, Meter
from tracer_ray.serving.watching import watch

_LOOK_EVERY_S = 2.0
# requests that HAProxy gave up: they waited too long for a place, or no replica took them
_GIVEN_UP = re.compile(r'haproxy_backend_connection_errors_total{proxy="http-(.+?)"} (\d+)')


class Refusals:
    """The requests that HAProxy gave up so far, by the application that they were for."""

    def __init__(self, meter: Meter) -> None:
        """Begin with none."""
        self._meter = meter
        self._counted: dict[str, int] = {}

    def count(self, refused: dict[str, int]) -> None:
        """Tell the meter what came since the last count; a HAProxy that is new begins at 0."""
        for application, number in refused.items():
            before = self._counted.get(application, 0)
            if added := number - before if number >= before else number:
                self._meter.record(SHED, added, application)
        self._counted |= refused


def watch_refusals(meter: Meter) -> None:
    """Go on counting beside everything else; nothing happens where HAProxy is not used."""
    port, refusals = counters_port(), Refusals(meter)
    if port:
        watch(lambda: refusals.count(_refused(port)), _LOOK_EVERY_S)


def refused_on(pages: list[str]) -> dict[str, int]:
    """How many requests HAProxy gave up by application, summed over its pages of counters.

    >>> page = 'haproxy_backend_connection_errors_total{proxy="http-churn"} 7'
    >>> refused_on([page, page, "haproxy_process_uptime_seconds 7"])
    {'churn': 14}
    """
    total: dict[str, int] = {}
    for application, number in (found for page in pages for found in _GIVEN_UP.findall(page)):
        total[application] = total.get(application, 0) + int(number)
    return total


def _refused(port: int) -> dict[str, int]:
    return refused_on([read_page(node["NodeManagerAddress"], port) for node in alive_nodes()])
