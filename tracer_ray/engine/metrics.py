"""Measures on Ray: every process records, Ray's exporter on each node offers them to Prometheus.

Any replica's `/metrics` would show that replica only, so the front collects from the exporters of
all nodes. They are some seconds behind: Ray collects from its processes about every five.
"""

import asyncio
import urllib.request
from collections.abc import Callable
from typing import Any

from tracer_ray.serving.meter import MEASURES, Kind, Measure

_OURS = "ray_tracer_"
_WITHIN_S = 5.0


class RayMeter:
    """Records with Ray's metrics, as `ray_<name>` on the exporters."""

    def __init__(self) -> None:
        """Make known every measure."""
        from ray.util import metrics

        self._metrics: dict[str, Any] = {}
        for each in MEASURES:
            if each.kind is Kind.HISTOGRAM:
                made: object = metrics.Histogram(
                    each.name, each.text, boundaries=list(each.bounds), tag_keys=each.labels
                )
            else:
                kind = metrics.Counter if each.kind is Kind.COUNTER else metrics.Gauge
                made = kind(each.name, each.text, tag_keys=each.labels)
            self._metrics[each.name] = made

    def record(self, measure: Measure, value: float, *labels: str) -> None:
        """Take one value; the labels are in the order of the measure's."""
        metric, tags = self._metrics[measure.name], dict(zip(measure.labels, labels, strict=True))
        if measure.kind is Kind.COUNTER:
            metric.inc(value, tags)
        elif measure.kind is Kind.GAUGE:
            metric.set(value, tags)
        else:
            metric.observe(value, tags)


async def read_metrics() -> str:
    """Our measures on all nodes as Prometheus text; a node that does not answer is left out."""
    places = [(node["NodeManagerAddress"], node["MetricsExportPort"]) for node in alive_nodes()]
    texts = await asyncio.gather(*(asyncio.to_thread(read_page, *place) for place in places))
    return ours(texts)


def alive_nodes() -> list[dict[str, Any]]:
    """The nodes that Ray takes for alive, as it describes them."""
    import ray

    nodes: Callable[[], list[dict[str, Any]]] = ray.nodes
    return [node for node in nodes() if node["Alive"]]


def read_page(host: str, port: int) -> str:
    """What a node shows to Prometheus at a port; "" where nothing answers."""
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/metrics", timeout=_WITHIN_S) as reply:
            text: str = reply.read().decode()
            return text
    except OSError:
        return ""


def ours(texts: list[str]) -> str:
    """The lines about our measures, the help and type of each once and before its values.

    >>> ours(["# HELP ray_tracer_x x\\nray_tracer_x 1\\nother 2\\n", "# HELP ray_tracer_x x\\n"])
    '# HELP ray_tracer_x x\\nray_tracer_x 1\\n'
    """
    found: dict[str, dict[str, None]] = {}
    family = ""
    for line in (line for text in texts for line in text.splitlines()):
        words = line.split(" ", 3)
        if words[0] == "#":
            family = words[2] if len(words) > 2 else ""
        if family.startswith(_OURS) and (words[0] == "#" or line.startswith(_OURS)):
            found.setdefault(family, {})[line] = None
    lines = [
        line
        for family in found.values()
        for line in sorted(family, key=lambda line: not line.startswith("#"))
    ]
    return "".join(f"{line}\n" for line in lines)
