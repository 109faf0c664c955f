"""What a learned combination answers, from what the components say of a request."""

from collections.abc import Collection, Mapping

import numpy as np

from tracer_ray.composites.combination import Blend, Combination
from tracer_ray.composites.consultation import Consultation
from tracer_ray.composites.risk import rounded
from tracer_ray.composites.stacking import Outcome

TOGETHER = "combination"
Said = Mapping[str, Consultation]


def combined_answer(combination: Combination, said: Said) -> dict[str, object]:
    """What is expected of the target, by whom, why by that one, and how good that was.

    The best component that answers stands in where the combination has no edge, or lacks an answer
    of one that it weighs.
    """
    values = {
        name: np.array([signal])
        for name in combination.alone
        if (signal := said[name].signal) is not None
    }
    by, blend, reason = _answering(combination, values)
    expected = float(combination.scales.expected(blend, values)[0]) if blend else None
    is_event = combination.scales.outcome is Outcome.EVENT
    return {
        "target": combination.target,
        "probability" if is_event else "value": None if expected is None else rounded(expected),
        "by": by,
        "reason": "; ".join([reason, *_other_releases(combination, said)]),
        "weights": {name: rounded(each) for name, each in combination.together.weights.items()},
        "judged": judged_facts(combination),
    }


def judged_facts(combination: Combination) -> dict[str, object]:
    """The loss of everything that was judged on the same rows, and the gain on it."""
    judgement = combination.judgement
    return {
        "rows": judgement.judged,
        "fitted_rows": judgement.fitted,
        "is_later": judgement.is_later,
        "metric": combination.scales.outcome.metric,
        "loss": rounded(judgement.loss),
        "instead": {
            name: {
                "loss": rounded(each.loss),
                "gain": rounded(each.gain),
                "gain_error": rounded(each.error),
            }
            for name, each in judgement.rivals.items()
        },
    }


def _answering(
    combination: Combination, present: Collection[str]
) -> tuple[str | None, Blend | None, str]:
    """Who answers, and why."""
    lacking = [name for name in combination.together.weights if name not in present]
    reason = combination.verdict
    if combination.is_kept and not lacking:
        return TOGETHER, combination.together, reason
    if combination.is_kept:
        reason = f"the combination lacks {', '.join(lacking)}"
    for name, blend in combination.alone.items():  # the best one first
        if name in present:
            return name, blend, reason
    return None, None, "none of its components answers"


def _other_releases(combination: Combination, said: Said) -> list[str]:
    """What to say of components whose release is not the one that the weights were learned with."""
    now = {name: (said[name].answer or {}).get("release") for name in combination.releases}
    return [
        f"learned with release {learned} of {name}, and {now[name]} answers: learn it again"
        for name, learned in combination.releases.items()
        if now[name] not in (None, learned)
    ]
