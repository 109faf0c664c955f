"""The blueprint: one frozen, declarative description of a prediction problem.

A blueprint says who (entity), when (as-of time), what (target) and how far ahead (horizon); which
columns it reads; which features, search and baseline it uses; and what it answers. The engine acts
on what is declared and never on a blueprint's name:

- a time column means rows have an order: splits go by time, and history features are possible;
- `horizon_steps` means that rows are predicted up to so many periods (days, weeks or months) ahead,
  and that a row is learned from and judged as it was seen from some period before it, 1 to
  `horizon_steps` ahead;
- `adds_up` means that rows of one period are added up (sales become a daily or monthly series);
- `averages` names the outcomes that are averaged instead (prices of each hour become a daily
  series), beside which others are added up;
- `sides` means that two entities meet in a row, which is unfolded into one row per side;
- a target with a `span` is made of several rows, the first of which is the one that is predicted;
- an output of the row's rank means that rows of one day are compared with each other;
- a segment column means one model per segment beside the pooled one.
"""

from tracer_ray.blueprint.candidates import OWN_MODELS, Candidate, Portfolio, candidate
from tracer_ray.blueprint.columns import (
    Column,
    DateOrder,
    Exclusion,
    Kind,
    Leak,
    Overrun,
    Pair,
    Role,
    Sides,
    Statuses,
    Way,
    Wording,
    names,
)
from tracer_ray.blueprint.definition import Blueprint
from tracer_ray.blueprint.events import Aggregate, Aggregation, Events, Inactivity
from tracer_ray.blueprint.output import (
    DECIDED,
    FORECAST_SOURCES,
    RANK_SOURCES,
    RESPONSE_SOURCES,
    TAIL_SOURCES,
    OutputField,
    Protocol,
    Source,
    reasons_field,
)
from tracer_ray.blueprint.parameters import Alias, Choice, Parameter
from tracer_ray.blueprint.targets import (
    Answer,
    Baseline,
    Lifetime,
    OpenDays,
    Over,
    Response,
    Span,
    SplitPlan,
    Target,
)
from tracer_ray.blueprint.variants import COLUMNS, LAYOUT, PERIOD, Settings, Variants, with_layouts

__all__ = [
    "COLUMNS",
    "DECIDED",
    "FORECAST_SOURCES",
    "LAYOUT",
    "OWN_MODELS",
    "PERIOD",
    "RANK_SOURCES",
    "RESPONSE_SOURCES",
    "TAIL_SOURCES",
    "Aggregate",
    "Aggregation",
    "Alias",
    "Answer",
    "Baseline",
    "Blueprint",
    "Candidate",
    "Choice",
    "Column",
    "DateOrder",
    "Events",
    "Exclusion",
    "Inactivity",
    "Kind",
    "Leak",
    "Lifetime",
    "OpenDays",
    "OutputField",
    "Over",
    "Overrun",
    "Pair",
    "Parameter",
    "Portfolio",
    "Protocol",
    "Response",
    "Role",
    "Settings",
    "Sides",
    "Source",
    "Span",
    "SplitPlan",
    "Statuses",
    "Target",
    "Variants",
    "Way",
    "Wording",
    "candidate",
    "names",
    "reasons_field",
    "with_layouts",
]
