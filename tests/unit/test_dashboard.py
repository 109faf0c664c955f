"""The dashboard shows measures that exist, by labels that they have, and leaves none out."""

import json
import re
from pathlib import Path

from tracer_ray.serving.meter import MEASURES, Kind

DASHBOARD = Path(__file__).parents[2] / "cluster" / "grafana_dashboard.json"
ENDINGS = {
    Kind.COUNTER: ("_total",),
    Kind.GAUGE: ("",),
    Kind.HISTOGRAM: ("_bucket", "_sum", "_count"),
}


def _queries() -> list[str]:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def test_every_measure_is_shown_and_nothing_else() -> None:
    shown = {name for query in _queries() for name in re.findall(r"ray_tracer_\w+", query)}
    offered = {each.name: [f"ray_{each.name}{e}" for e in ENDINGS[each.kind]] for each in MEASURES}
    assert shown <= {name for names in offered.values() for name in names}
    assert [name for name, names in offered.items() if not shown & set(names)] == []


def test_every_label_asked_for_is_one_of_the_measures() -> None:
    known = {label for each in MEASURES for label in each.labels} | {"le"}
    asked = {
        label
        for query in _queries()
        for names in re.findall(r"by \(([^)]*)\)", query)
        for label in names.split(", ")
    }
    assert asked <= known


def test_panels_do_not_overlap() -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    places = [
        (panel["gridPos"]["x"] + dx, panel["gridPos"]["y"] + dy)
        for panel in panels
        for dx in range(panel["gridPos"]["w"])
        for dy in range(panel["gridPos"]["h"])
    ]
    assert len(places) == len(set(places))
    assert len({panel["id"] for panel in panels}) == len(panels)
