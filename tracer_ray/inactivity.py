"""What blueprints share that tell by dated activity who has left: by falling silent."""

import re
from dataclasses import replace

from tracer_ray.blueprint import (
    Blueprint,
    Choice,
    Column,
    Events,
    Inactivity,
    Kind,
    Lifetime,
    Parameter,
    Role,
    SplitPlan,
)
from tracer_ray.features import signed_log

DEFINITION = "churn_definition"
_MOST_DAYS_BETWEEN_ROWS = 28


def churn_definition(stated: Choice, silences: tuple[int, ...], activity: str) -> Parameter:
    """The parameter that chooses between what a column has `stated` and days of silence.

    >>> told = churn_definition(Choice("cancelled", "what the column says"), (30, 60), "purchases")
    >>> [choice.value for choice in told.choices]
    ['cancelled', 'no_activity_30_days', 'no_activity_60_days']
    """
    silent = (
        Choice(
            f"no_activity_{days}_days",
            f"no activity for {days} days; rows are made of a file of dated activity ({activity})",
        )
        for days in silences
    )
    return Parameter(DEFINITION, "what counts as having left", stated.value, (stated, *silent))


def silent_days(definition: str) -> int:
    """The days of silence of a chosen definition; 0 where a column says who left.

    >>> silent_days("no_activity_30_days"), silent_days("cancelled")
    (30, 0)
    """
    found = re.fullmatch(r"no_activity_(\d+)_days", definition)
    return int(found.group(1)) if found else 0


def gone_silent(stated: Blueprint, activity: Events, days: int) -> Blueprint:
    """The variant in which somebody has left who was active and is silent for so many days.

    Its rows and their outcome, which keeps its name, are made of the activity.
    """
    outcome = stated.targets[0].columns[0]
    every_days = min(days, _MOST_DAYS_BETWEEN_ROWS)
    return replace(
        stated,
        when=f"every {every_days} days while active, knowing the activity until then",
        what=f"whether no activity follows within {days} days",
        horizon=f"{days} days",
        columns=_columns(stated, activity, outcome, days),
        events=(activity,),
        lifetime=Lifetime("days_until_left", "has_left") if stated.lifetime else None,
        inactivity=Inactivity(
            activity.name, days, outcome, "days_until_left", "has_left", every_days
        ),
        features=tuple(signed_log(each.name) for each in activity.aggregates),
        split=SplitPlan(gap_days=float(days)),
        keeps_rows=True,
        limits=(
            f"Only those with activity in the {days} days before are looked at.",
            f"The newest {days} days teach nothing: whether silence follows is not known yet.",
            f"About {9 * days} days of activity are needed: {days} lie between the parts of the "
            "split, at the beginning and at the end.",
            "All rows of the file count as activity; leave out what is none, such as refunds.",
        ),
    )


def _columns(stated: Blueprint, activity: Events, outcome: str, days: int) -> tuple[Column, ...]:
    known = (each.column for each in activity.aggregates)
    assert stated.time is not None
    return (
        activity.key,
        replace(stated.time, required=True),
        Column(
            outcome,
            Kind.FLAG,
            Role.OUTCOME,
            f"no activity in the next {days} days",
            required=True,
        ),
        Column(
            "days_until_left",
            Kind.NUMBER,
            Role.OUTCOME,
            f"days until there had been none for {days} days",
            "days",
        ),
        Column("has_left", Kind.FLAG, Role.OUTCOME, "whether that silence was seen"),
        *known,
    )
