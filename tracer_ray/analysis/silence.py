"""Logs of activity: whether a blueprint could make its rows of a data set's dated events.

Who goes silent is told by the purchases or logins of each customer, without a column that says who
left. Of several lengths of silence the shortest one is proposed.
"""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from tracer_ray.analysis.advice import next_command, reason_of, settings_of
from tracer_ray.analysis.found import Found
from tracer_ray.analysis.judging import NOTHING_TOLD, Archive
from tracer_ray.analysis.mapping import Mapping, find_events
from tracer_ray.analysis.names import Certainty
from tracer_ray.analysis.profile import Profile
from tracer_ray.analysis.suggestion import Suggestion
from tracer_ray.analysis.weighing import weighed_by_names
from tracer_ray.blueprint import Blueprint, Inactivity
from tracer_ray.data.date_orders import read_times
from tracer_ray.rows import MICROSECONDS_PER_DAY

_PERIODS = 9  # of silence that a log must cover: the parts of the split, and the gaps around them
_FEWEST_EVENTS_EACH, _FEWEST_CUSTOMERS = 2.0, 50
_TOO_SHORT, _INDIRECT = 0.5, 0.95  # an outcome that the data have comes before one that is made


def suggest_silence(
    archive: Archive,
    variants: Sequence[Blueprint],
    profile: Profile,
    table: pa.Table,
    told: Dictionary[str, str] = NOTHING_TOLD,
) -> tuple[Suggestion, ...]:
    """A suggestion for each blueprint that could make its rows of this data set."""
    shortest: dict[str, Blueprint] = {}
    for each in sorted(variants, key=lambda each: each.inactivity.days if each.inactivity else 0):
        if each.inactivity:
            shortest.setdefault(each.id, each)
    judged = (_judge(archive, each, profile, table, told) for each in shortest.values())
    return tuple(each for each in judged if each)


def _judge(
    archive: Archive,
    blueprint: Blueprint,
    profile: Profile,
    table: pa.Table,
    told: Dictionary[str, str],
) -> Suggestion | None:
    """How well a log fits; None where it is none, or has a column of who left."""
    rule = blueprint.inactivity
    events = next(each for each in blueprint.events if rule and each.name == rule.events)
    mapping = Mapping(find_events(events, profile, told), (), has_outcome=True)
    key, time = mapping.of(events.key.name), mapping.of(events.time.name)
    if rule is None or not key or not time or not _is_log(key, time, table):
        return None
    is_whole = profile.sampled == profile.rows  # a sample need not reach from end to end
    problem = _span_problem(rule, time, table) if is_whole else ""
    score = archive.fit(blueprint, profile, mapping) * (_TOO_SHORT if problem else _INDIRECT)
    judged = Suggestion(
        blueprint=blueprint.id,
        data=profile.name,
        score=min(score, 1.0),
        reason=f"{reason_of(blueprint, mapping)}; it left when it is silent for {rule.days} days",
        mapping={each.column.name: each.source for each in mapping.found if each.is_used},
        apply=mapping.to_apply,
        ask=tuple((each.column.name, each.options or (each.source,)) for each in mapping.to_ask),
        missing=(),
        problems=tuple(filter(None, (problem,))),
        leaks=(),
        drop=(),
        next_command=next_command(blueprint, profile, mapping, ()),
        settings=settings_of(blueprint),
    )
    return weighed_by_names(judged, profile)


def _is_log(key: Found, time: Found, table: pa.Table) -> bool:
    """Whether rows are dated events of things that a name tells, of several each."""
    if key.problem or time.problem or key.certainty is Certainty.TYPE:
        return False
    customers = len(pc.unique(table[key.source].drop_null()))
    return customers >= _FEWEST_CUSTOMERS and len(table) >= _FEWEST_EVENTS_EACH * customers


def _span_problem(rule: Inactivity, time: Found, table: pa.Table) -> str:
    """What is said where a log is too short to be divided into parts."""
    times = pc.min_max(read_times(table[time.source]).values.cast(pa.int64())).as_py()
    days = ((times["max"] or 0) - (times["min"] or 0)) / MICROSECONDS_PER_DAY
    if days >= _PERIODS * rule.days:
        return ""
    return (
        f"it covers {days:.0f} days, and about {_PERIODS * rule.days} are needed to tell who is "
        f"silent for {rule.days}"
    )
