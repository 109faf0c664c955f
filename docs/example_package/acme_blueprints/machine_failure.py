"""Which machines will fail before their next service."""

from tracer_ray.blueprint import Answer, Baseline, Blueprint, Leak, Target, Wording
from tracer_ray.decision import Decision
from tracer_ray.tabular import (
    TABULAR,
    as_they_are,
    category,
    moment,
    number,
    outcome,
    probability_fields,
    row_id,
)

_COLUMNS = (
    row_id("machine_id", "identifies the machine", "machine", "asset_id"),
    moment("inspected_at", "when it was inspected", "inspection_date"),
    outcome(
        "failed",
        "whether it failed before the next service",
        "failure",
        wordings=(Wording(("survived", "still_running")),),
    ),
    number("hours", "hours since the last service", "hours", "running_hours", minimum=0.0),
    number("vibration", "vibration", "mm/s", "vibration_rms", minimum=0.0),
    category("model", "model of the machine", "machine_type"),
)

MACHINE_FAILURE = Blueprint(
    id="machine_failure",
    name="Machine failure",
    category="maintenance",
    use_case="Service the machines that would fail, and leave the others running.",
    who="one machine",
    when="at an inspection, knowing what was measured then",
    what="whether the machine fails before its next service",
    horizon="the next service",
    columns=_COLUMNS,
    extra_columns_known=True,
    leaks=(Leak(("repair_cost", "downtime"), "it exists only where the machine failed"),),
    targets=(
        Target(
            "failed",
            ("failed",),
            Answer.PROBABILITY,
            "the machine fails",
            decision=Decision("fails", "keeps running", miss_cost=20.0, false_alarm_cost=1.0),
        ),
    ),
    features=as_they_are(_COLUMNS, amounts=("hours",)),
    baselines=(Baseline("base rate"),),
    metric="log_loss",
    portfolio=TABULAR,
    output=probability_fields("failure", "the machine fails"),
    limits=("Machines that were serviced early never had the chance to fail.",),
)
