"""The blueprint: one frozen, declarative description of a prediction problem.

A blueprint says who (entity), when (as-of time), what (target) and how far ahead (horizon); which
columns it reads; which features, search and baseline it uses; and what it answers. The engine acts
on what is declared and never on a blueprint's name:

- a time column means rows have an order: splits go by time, and history features are possible;
- `horizon_days` means that rows are predicted up to so many days ahead, and that a row is learned
  from and judged as it was seen from some day before it, 1 to `horizon_days` ahead;
- `sums_days` means that rows of one day are added up (sales become a daily series);
- `sides` means that two entities meet in a row, which is unfolded into one row per side;
- a segment column means one model per segment beside the pooled one.
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from tracer_ray.decision import Decision
from tracer_ray.errors import BlueprintError
from tracer_ray.features import TARGET, Feature


class Kind(StrEnum):
    """How the values of a column are read."""

    NUMBER = "number"  # float64, null is NaN
    CATEGORY = "category"  # text, null is ""
    FLAG = "flag"  # 1.0 or 0.0 from true/false, yes/no, 1/0; null is NaN
    TIME = "time"  # UTC, microseconds


class Role(StrEnum):
    """What a column is to the problem, above all when its value becomes known."""

    ENTITY = "entity"  # who: owns history, and gets a model of its own
    LABEL = "label"  # a readable name of the entity, accepted in requests
    ROW = "row"  # identifies the row, where the entity and the time do not
    TIME = "time"  # when the row happens; its outcome is known afterwards
    ORDER = "order"  # orders rows of one instant, where times are coarse
    SEGMENT = "segment"  # groups rows that may share a model of their own
    KNOWN = "known"  # known at the as-of time: may be used as it is
    OUTCOME = "outcome"  # known only afterwards: only earlier rows' values may be used


@dataclass(frozen=True)
class Wording:
    """Another way in which raw columns say a flag: its opposite, or a number above a limit.

    Without `above` a raw column of one of these `names` is a flag that says the opposite.
    """

    names: tuple[str, ...]
    above: float | None = None


@dataclass(frozen=True)
class Column:
    """One column of the normalised rows, and the names users give it.

    A flag may have other `wordings`, looked for where none of its names is there.
    """

    name: str
    kind: Kind
    role: Role
    description: str
    unit: str = ""
    aliases: tuple[str, ...] = ()
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    wordings: tuple[Wording, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The accepted names, the column's own first."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Leak:
    """Raw columns that look known and are not: they are never taken as extra columns."""

    names: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Pair:
    """A column that a raw row carries twice, once for each side."""

    column: str
    first: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True)
class Sides:
    """How a row in which two sides meet is unfolded into one row per side.

    `pairs[0]` names the sides themselves and fills the entity column; every pair also fills
    `opponent_<column>`. `won` is the outcome column to fill: from a column named in `result`
    (true/false, a side's name, or a code in `first_wins`/`second_wins`/`draw`), else from the
    pair named by `score`, else from `winner_first`: names whose presence says that the first side
    won every row. A draw is won by neither side. `home` is filled with 1.0 and -1.0 where the
    first side was found under a name in `home_first`, with 0.0 where nothing is known.
    """

    pairs: tuple[Pair, ...]
    won: str
    result: tuple[str, ...] = ()
    score: str = ""
    winner_first: tuple[str, ...] = ()
    home: str = ""
    home_first: tuple[str, ...] = ()
    first_wins: tuple[str, ...] = ("h", "a_win", "first", "1")
    second_wins: tuple[str, ...] = ("a", "b_win", "second", "2")
    draw: tuple[str, ...] = ("d", "draw", "x")


@dataclass(frozen=True)
class Exclusion:
    """Rows that are no outcome at all (a player on the bench), left out and counted.

    A row stays where `column` is above `above`; where the column is absent every row stays.
    """

    column: str
    above: float
    reason: str


class Answer(StrEnum):
    """What a target's prediction is."""

    NUMBER = "number"  # point, predictive distribution, probability of exceeding a line
    AMOUNT = "amount"  # a number from 0 up that changes by shares: models work on its logarithm
    PROBABILITY = "probability"  # calibrated probability that the flag is 1


@dataclass(frozen=True)
class Target:
    """What is predicted: a column, or the sum of several.

    A probability's `decision` says from where on it is worth acting, for outputs that name a class.
    """

    name: str
    columns: tuple[str, ...]
    answer: Answer
    description: str
    unit: str = ""
    aliases: tuple[str, ...] = ()
    decision: Decision | None = None


@dataclass(frozen=True)
class Baseline:
    """The naive forecast a user would make without us.

    `feature` names a feature whose value is the forecast ("@target" stands for the target's
    column); empty means the training rows' median (number) or base rate (probability), which also
    stands in where the feature is null.
    """

    name: str
    feature: str = ""


@dataclass(frozen=True)
class SplitPlan:
    """The shares of the newest rows that are set aside, oldest share first.

    Cut at the same instants for all entities, so that no model sees a row that happened after the
    ones it is judged on; rows without a time are cut by a stable hash of their key.
    `gap_days` separates the parts where the outcome takes time to become known. Where
    `calibration_days` are more than the calibration share, they are set aside, up to a fifth.
    """

    validation: float = 0.15
    calibration: float = 0.10
    test: float = 0.15
    gap_days: float = 0.0
    calibration_days: float = 0.0


@dataclass(frozen=True)
class Candidate:
    """One model family with one configuration."""

    family: str
    params: tuple[tuple[str, float | int | str], ...] = ()

    @property
    def settings(self) -> dict[str, float | int | str]:
        """The configuration as a new dictionary."""
        return dict(self.params)


def candidate(family: str, **settings: float | int | str) -> Candidate:
    """A candidate as it is written in a blueprint.

    >>> candidate("elastic_net", alpha=0.1).settings
    {'alpha': 0.1}
    """
    return Candidate(family, tuple(sorted(settings.items())))


# What an entity's own model may add to the pooled one, cautious first: strong shrinkage wins where
# entities differ little (players), weak shrinkage where they react differently (stores).
OWN_MODELS = (
    candidate("elastic_net", alpha=0.5, l1_ratio=0.1, prior_rows=1000),
    candidate("elastic_net", alpha=0.05, l1_ratio=0.1, prior_rows=100),
    candidate(
        "lightgbm",
        num_leaves=4,
        depth=3,
        learning_rate=0.03,
        rounds=50,
        min_data_in_leaf=20,
        l2=10.0,
    ),
    candidate("elastic_net", alpha=0.01, l1_ratio=0.1, prior_rows=20),
)


@dataclass(frozen=True)
class Portfolio:
    """Configurations tried first, in this order, before anything is searched."""

    pooled: tuple[Candidate, ...]
    entity: tuple[Candidate, ...] = OWN_MODELS


class Source(StrEnum):
    """What the predictor knows of a prediction, to be named by a blueprint's output."""

    VALUE = "value"
    PROBABILITY = "probability"
    COMPLEMENT = "complement"
    DRAW = "draw"
    CLASS = "class"  # what the probability means at the threshold
    THRESHOLD = "threshold"
    THRESHOLD_REASON = "threshold_reason"
    RISK = "risk"  # the name of the probability's band
    INTERVAL = "interval"
    OVER = "over"
    UNDER = "under"
    RECOMMENDATION = "recommendation"
    CONFIDENCE = "confidence"
    EXPECTED_VALUE = "expected_value"
    BASELINE = "baseline"
    REASONS = "reasons"  # what moved the answer the most, and by how much
    # of a whole forecast, where the blueprint has a horizon and no day is asked about
    PATH = "path"
    TOTAL = "total"
    TOTAL_INTERVALS = "total_intervals"
    TREND = "trend"
    SEASONALITY = "seasonality"
    # of a declared response to a price
    ELASTICITY = "elasticity"
    ELASTICITY_ERROR = "elasticity_error"
    ELASTICITY_INTERVAL = "elasticity_interval"
    ELASTICITY_LEVEL = "elasticity_level"
    ELASTICITY_REASON = "elasticity_reason"
    CURRENT_PRICE = "current_price"
    BEST_PRICE = "best_price"
    BEST_PRICE_REASON = "best_price_reason"
    VOLUME_IMPACT = "volume_impact"
    REVENUE_IMPACT = "revenue_impact"
    PROFIT_IMPACT = "profit_impact"
    RESPONSE_CURVE = "response_curve"
    REFUSAL = "refusal"


RESPONSE_SOURCES = frozenset(
    {
        Source.ELASTICITY,
        Source.ELASTICITY_ERROR,
        Source.ELASTICITY_INTERVAL,
        Source.ELASTICITY_LEVEL,
        Source.ELASTICITY_REASON,
        Source.CURRENT_PRICE,
        Source.BEST_PRICE,
        Source.BEST_PRICE_REASON,
        Source.VOLUME_IMPACT,
        Source.REVENUE_IMPACT,
        Source.PROFIT_IMPACT,
        Source.RESPONSE_CURVE,
        Source.REFUSAL,
    }
)

FORECAST_SOURCES = frozenset(
    {Source.PATH, Source.TOTAL, Source.TOTAL_INTERVALS, Source.TREND, Source.SEASONALITY}
)


DECIDED = frozenset({Source.CLASS, Source.THRESHOLD, Source.THRESHOLD_REASON, Source.RISK})


@dataclass(frozen=True)
class OutputField:
    """One field of the answer: its name to the user and where it comes from.

    `days` says over how many days a total is taken.
    """

    name: str
    source: Source
    description: str
    unit: str = ""
    days: int = 0


@dataclass(frozen=True)
class OpenDays:
    """Which coming days are taken to have a row, where days without business have none.

    A day is open where `feature`, a count of earlier rows of its kind, reaches `at_least`; the
    others bring nothing.
    """

    feature: str
    at_least: float


@dataclass(frozen=True)
class Response:
    """How a target reacts to a known number that somebody sets: a quantity to its price.

    Estimated per entity beside the forecast, with the `controls` (known numbers and flags, such as
    a promotion) held fixed. `within` names a category whose values have a level of their own (the
    stores that sell one product). `cost` names the known cost of one unit; it may be given with
    a request even where the data have none.
    """

    target: str
    price: str
    cost: str = ""
    controls: tuple[str, ...] = ()
    within: str = ""


@dataclass(frozen=True)
class Blueprint:
    """A prediction problem, whole; checks itself when it is made.

    With `extra_columns_known`, columns beyond the declared ones are taken as known at the as-of
    time and become features (one row per customer: the user's columns differ from firm to firm),
    but for the known `leaks`. Rows without an entity and a row column are told apart by their
    content. With `row_order_is_time`, rows without a time stand in the order in which they
    happened, and are split forward in it.

    Raises BlueprintError naming the blueprint, the field and the value that contradicts another.
    """

    id: str
    name: str
    category: str
    use_case: str
    who: str
    when: str
    what: str
    horizon: str
    columns: tuple[Column, ...]
    targets: tuple[Target, ...]
    features: tuple[Feature, ...]
    baselines: tuple[Baseline, ...]
    metric: str
    portfolio: Portfolio
    output: tuple[OutputField, ...]
    split: SplitPlan = SplitPlan()
    sides: Sides | None = None
    exclusions: tuple[Exclusion, ...] = ()
    minimum_history: int = 50
    below_minimum: str = "the pooled model answers"
    season_start_month: int = 1
    horizon_days: int = 0
    open_days: OpenDays | None = None
    sums_days: bool = False
    response: Response | None = None
    extra_columns_known: bool = False
    row_order_is_time: bool = False
    leaks: tuple[Leak, ...] = ()
    limits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse contradictions at once, where their author sees them."""
        self._check_columns()
        self._check_targets()
        self._check_features()
        self._check_response()

    def column(self, name: str) -> Column:
        """The column of that name; BlueprintError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise BlueprintError(f"blueprint {self.id}: no column {name!r}")

    def role(self, role: Role) -> Column | None:
        """The first column in that role, if any."""
        return next((column for column in self.columns if column.role is role), None)

    @property
    def entity(self) -> Column | None:
        """The column that names who has a history and a model of its own, if any."""
        return self.role(Role.ENTITY)

    @property
    def owner(self) -> Column | None:
        """The column whose values get a model of their own: the entity, else the segment."""
        return self.entity or self.role(Role.SEGMENT)

    @property
    def time(self) -> Column | None:
        """The column that orders the rows, if any."""
        return self.role(Role.TIME)

    def target(self, name: str) -> Target:
        """The target of that name or alias; BlueprintError naming the known ones otherwise."""
        for target in self.targets:
            if name in (target.name, *target.aliases):
                return target
        known = ", ".join(target.name for target in self.targets)
        raise BlueprintError(f"blueprint {self.id}: no target {name!r}; it has {known}")

    def features_for(self, target: str) -> tuple[Feature, ...]:
        """The features of one target, with its own column in place of "@target"."""
        return tuple(dict.fromkeys(feature.on_target(target) for feature in self.features))

    @property
    def fingerprint(self) -> str:
        """A digest of everything declared: another blueprint, another fingerprint."""
        text = json.dumps(dataclasses.asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _known_names(self) -> set[str]:
        known = (each for each in self.columns if each.role is not Role.OUTCOME)
        return {name for column in known for name in column.names}

    def _refuse(self, message: str) -> None:
        raise BlueprintError(f"blueprint {self.id}: {message}")

    def _check_columns(self) -> None:
        names = [column.name for column in self.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            self._refuse(f"column {twice[0]!r} is declared twice")
        for role in (Role.ENTITY, Role.TIME, Role.ORDER, Role.LABEL, Role.ROW, Role.SEGMENT):
            if sum(column.role is role for column in self.columns) > 1:
                self._refuse(f"more than one column has the role {role}")
        if self.sides and self.entity is None:
            self._refuse("two sides meet in its rows, and no entity column names them")
        for exclusion in self.exclusions:
            self.column(exclusion.column)
        for column in self.columns:
            if column.wordings and column.kind is not Kind.FLAG:
                self._refuse(f"column {column.name!r} has other wordings and is no flag")
        leaked = sorted({name for leak in self.leaks for name in leak.names} & self._known_names())
        if leaked:
            self._refuse(f"{leaked[0]!r} is both a leak and a name of a known column")

    def _check_targets(self) -> None:
        if not self.targets:
            self._refuse("no target")
        for target in self.targets:
            for name in target.columns:
                if self.column(name).role is not Role.OUTCOME:
                    self._refuse(f"target column {name!r} must have the role outcome")
            decided = sorted(each.name for each in self.output if each.source in DECIDED)
            if decided and target.decision is None:
                self._refuse(f"output {decided[0]!r} needs a decision of target {target.name!r}")

    def _check_features(self) -> None:
        outcomes = {column.name for column in self.columns if column.role is Role.OUTCOME}
        targets = {target.name for target in self.targets}
        for feature in self.features:
            if feature.reads_own_row and feature.column in outcomes | targets | {TARGET}:
                self._refuse(f"feature {feature.name!r} reads the outcome of its own row")
            if feature.column and feature.column not in targets | {TARGET}:
                self.column(feature.column)
        names = [feature.name for feature in self.features]
        if self.open_days and self.open_days.feature not in names:
            self._refuse(f"open_days reads {self.open_days.feature!r}, which is no feature")
        if len(set(names)) < len(names):
            self._refuse("two features have the same name")

    def _check_response(self) -> None:
        response = self.response
        told = sorted(each.name for each in self.output if each.source in RESPONSE_SOURCES)
        if response is None:
            if told:
                self._refuse(f"output {told[0]!r} needs a response")
            return
        if self.entity is None or self.target(response.target).answer is not Answer.AMOUNT:
            self._refuse(f"the response of {response.target!r} needs an entity and an amount")
        for name in (response.price, *response.controls, *filter(None, [response.within])):
            if self.column(name).role is Role.OUTCOME:
                self._refuse(f"the response reads {name!r}, which is an outcome")
