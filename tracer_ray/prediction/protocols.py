"""What to do about an answer: the protocols of the kinds that its raising reasons are of."""

from collections.abc import Sequence

from tracer_ray.blueprint import Blueprint, Source
from tracer_ray.prediction.explanation import Reason
from tracer_ray.prediction.outputs import Output


def protocols(
    blueprint: Blueprint, target: str, output: Output, reasons: Sequence[Reason]
) -> list[dict[str, object]]:
    """A protocol per kind, the largest reason first, each with the reason that calls for it.

    Only reasons that raise the probability by a value that is known count, and none at the lowest
    risk: there is nothing to be done about somebody who stays. No effect is promised; none was
    measured.
    """
    decision = blueprint.target(target).decision
    if decision is None or output.values.get(Source.RISK) == decision.bands[0].name:
        return []
    found: dict[str, dict[str, object]] = {}
    for reason in reasons:
        concerned = (each for each in blueprint.protocols if each.concerns(reason.feature))
        protocol = next(concerned, None)
        if not protocol or protocol.kind in found or reason.value is None:
            continue
        if reason.effect > 0.0:
            found[protocol.kind] = {
                "kind": protocol.kind,
                "protocol": protocol.advice,
                "because": reason.sentence,
            }
    return list(found.values())
