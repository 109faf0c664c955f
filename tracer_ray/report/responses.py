"""The part of the page about how entities react to their prices."""

from collections import Counter
from collections.abc import Sequence
from math import isfinite

from tracer_ray.report.html import Html, element, join, number, table
from tracer_ray.response.records import ANYBODY, EntityResponse

SHOWN = 10


def render_responses(responses: Sequence[EntityResponse]) -> Html:
    """The common elasticity, whose rows tell how many, and those with most rows; empty for none."""
    own = [each for each in responses if each.owner != ANYBODY]
    if not own:
        return Html("")
    levels = Counter(each.level.value for each in own)
    counted = ", ".join(f"{count:,} {level}" for level, count in sorted(levels.items()))
    shared = next((each for each in responses if each.owner == ANYBODY), None)
    note = f"Told by: {counted}."
    if shared and isfinite(shared.elasticity):
        note += f" An unknown entity gets {shared.elasticity:.2f} +- {shared.error:.2f}."
    largest = sorted(own, key=lambda each: (-each.rows, each.owner))[:SHOWN]
    head = ("entity", "told by", "elasticity", "error", "90 % interval", "observed prices", "rows")
    return join(
        [
            element("h3", "Reaction to the price"),
            element("p", note, class_="soft"),
            element("div", table(head, map(_row, largest), text_columns=2), class_="wide"),
        ]
    )


def _row(each: EntityResponse) -> tuple[str, ...]:
    return (
        each.owner,
        each.level.value,
        number(each.elasticity, 2),
        number(each.error, 2),
        f"{number(each.low, 2)} to {number(each.high, 2)}",
        f"{number(each.price_low, 2)} to {number(each.price_high, 2)}",
        f"{each.rows:,}",
    )
