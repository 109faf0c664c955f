"""The blueprint itself: what is declared, held together and checked."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property

from tracer_ray.blueprint.candidates import Portfolio
from tracer_ray.blueprint.columns import Column, Exclusion, Kind, Leak, Role, Sides
from tracer_ray.blueprint.events import Events, Inactivity
from tracer_ray.blueprint.output import (
    DECIDED,
    RANK_SOURCES,
    RESPONSE_SOURCES,
    TAIL_SOURCES,
    OutputField,
    Protocol,
    Source,
)
from tracer_ray.blueprint.parameters import Alias, Parameter
from tracer_ray.blueprint.targets import (
    Answer,
    Baseline,
    Lifetime,
    OpenDays,
    Response,
    SplitPlan,
    Target,
)
from tracer_ray.errors import BlueprintError
from tracer_ray.features import TARGET, Feature
from tracer_ray.periods import Period


@dataclass(frozen=True)
class Blueprint:
    """A prediction problem, whole; checks itself when it is made.

    With `extra_columns_known`, columns beyond the declared ones are taken as known at the as-of
    time and become features (one row per customer: the user's columns differ from firm to firm),
    but for the known `leaks`. Rows without an entity and a row column are told apart by their
    content. With `row_order_is_time`, rows without a time stand in the order in which they
    happened, and are split forward in it. With `keeps_rows` a release keeps the newest row of each
    row id, so that a request may name it and no more (a customer, not an order). With
    `is_side_by_side`, raw files may have a column for each entity, which holds the one required
    number among the outcomes. `signs` are words of which its data have one, where the data of
    another field would fit it as well.

    `events` are files that are counted and added up as of each row; with an `inactivity` the rows
    themselves are made of one of them. `parameters` could be chosen when it was made, and
    `settings` are the values that were; `aliases` are other ids of the same problem.

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
    split: SplitPlan = field(default_factory=SplitPlan)
    sides: Sides | None = None
    exclusions: tuple[Exclusion, ...] = ()
    minimum_history: int = 50
    below_minimum: str = "the pooled model answers"
    season_start_month: int = 1
    horizon_steps: int = 0
    period: Period = Period.DAY
    open_days: OpenDays | None = None
    adds_up: bool = False
    averages: tuple[str, ...] = ()
    response: Response | None = None
    lifetime: Lifetime | None = None
    protocols: tuple[Protocol, ...] = ()
    extra_columns_known: bool = False
    row_order_is_time: bool = False
    keeps_rows: bool = False
    is_side_by_side: bool = False
    leaks: tuple[Leak, ...] = ()
    limits: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    events: tuple[Events, ...] = ()
    inactivity: Inactivity | None = None
    parameters: tuple[Parameter, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse contradictions at once, where their author sees them."""
        self._check_columns()
        self._check_targets()
        self._check_features()
        self._check_response()
        self._check_events()
        self._check_lifetime()

    def column(self, name: str) -> Column:
        """The column of that name; BlueprintError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise BlueprintError(f"blueprint {self.id}: no column {name!r}")

    def role(self, role: Role) -> Column | None:
        """The first column in that role, if any."""
        return self._roles.get(role)

    @cached_property  # asked for several times per row of a request
    def _roles(self) -> dict[Role, Column]:
        return {column.role: column for column in reversed(self.columns)}

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

    @property
    def horizon_days(self) -> int:
        """How many days ahead a row may be at most; 0 without a horizon."""
        return self.horizon_steps * self.period.days

    def has_parameter(self, name: str) -> bool:
        """Whether a parameter of that name could be chosen when it was made."""
        return any(each.name == name for each in self.parameters)

    @property
    def is_by_period(self) -> bool:
        """Whether rows of one period become one."""
        return self.adds_up or bool(self.averages)

    @property
    def needed_number(self) -> Column | None:
        """The required number among the outcomes; None where there is none, or several."""
        outcomes = (each for each in self.columns if each.required and each.role is Role.OUTCOME)
        numbers = [each for each in outcomes if each.kind is Kind.NUMBER]
        return numbers[0] if len(numbers) == 1 else None

    @property
    def takes_line(self) -> bool:
        """Whether it is asked how likely a number is above a line."""
        return any(each.source is Source.OVER for each in self.output)

    @property
    def takes_odds(self) -> bool:
        """Whether the line is a bookmaker's, with odds on both sides."""
        return any(each.source is Source.RECOMMENDATION for each in self.output)

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
        if self.adds_up and self.averages:
            self._refuse("rows of one period are all added up, or some columns are averaged")
        for name in self.averages:
            self.column(name)
        if self.is_side_by_side and (self.entity is None or self.needed_number is None):
            self._refuse("columns side by side need an entity and one required number")
        if self.sides and self.entity is None:
            self._refuse("two sides meet in its rows, and no entity column names them")
        for exclusion in self.exclusions:
            self.column(exclusion.column)
        for column in self.columns:
            if column.wordings and column.kind is not Kind.FLAG:
                self._refuse(f"column {column.name!r} has other wordings and is no flag")
            if column.overruns and column.kind is not Kind.FLAG:
                self._refuse(f"column {column.name!r} is said by an overrun and is no flag")
            if column.counted_by and not self._is_count(column):
                self._refuse(f"column {column.name!r} is counted by rows and is no sum over a day")
        leaked = sorted({name for leak in self.leaks for name in leak.names} & self._known_names())
        if leaked:
            self._refuse(f"{leaked[0]!r} is both a leak and a name of a known column")

    def _is_count(self, column: Column) -> bool:
        is_outcome = column.role is Role.OUTCOME and column.kind is Kind.NUMBER
        return is_outcome and self.adds_up and column.minimum is column.maximum is None

    def _check_targets(self) -> None:
        if not self.targets:
            self._refuse("no target")
        for target in self.targets:
            for name in target.columns:
                if self.column(name).role is not Role.OUTCOME:
                    self._refuse(f"target column {name!r} must have the role outcome")
            self._check_span(target)
            decided = sorted(each.name for each in self.output if each.source in DECIDED)
            if decided and target.decision is None:
                self._refuse(f"output {decided[0]!r} needs a decision of target {target.name!r}")

    def _check_span(self, target: Target) -> None:
        span = target.span
        if span is None:
            return
        if self.time is None or self.sides or self.horizon_steps:
            self._refuse(f"target {target.name!r} spans rows: they need a time alone")
        if target.name in {column.name for column in self.columns}:
            self._refuse(f"target {target.name!r} spans rows of a column of the same name")
        if self.split.gap_days < span.rows - 1:
            self._refuse(
                f"target {target.name!r} is known {span.rows - 1} rows later, and the split's gap "
                f"is {self.split.gap_days:g} days"
            )
        read = {TARGET, target.name}
        readers = [feature.name for feature in self.features if feature.column in read]
        if readers:
            self._refuse(f"feature {readers[0]!r} reads {target.name!r} before it is known")

    @property
    def tails(self) -> tuple[float, ...]:
        """For which shares a value at risk or an expected shortfall is answered."""
        return tuple(sorted({e.share for e in self.output if e.source in TAIL_SOURCES}))

    @cached_property
    def ranks(self) -> bool:
        """Whether rows of one day are ranked among each other."""
        return any(field.source in RANK_SOURCES for field in self.output)

    def _check_features(self) -> None:
        outcomes = {column.name for column in self.columns if column.role is Role.OUTCOME}
        targets = {target.name for target in self.targets}
        if self.ranks and (self.time is None or self.horizon_steps):
            self._refuse("rows are ranked by day: they need a time, and no horizon")
        for feature in self.features:
            if feature.reads_own_row and feature.column in outcomes | targets | {TARGET}:
                self._refuse(f"feature {feature.name!r} reads the outcome of its own row")
            if feature.column and feature.column not in targets | {TARGET}:
                self.column(feature.column)
        names = [feature.name for feature in self.features]
        rule = self.open_days
        for name in (rule.feature, *(rule.young or ())[:1]) if rule else ():
            if name not in names:
                self._refuse(f"open_days reads {name!r}, which is no feature")
        if any(not 0.5 < share < 1.0 for share in self.tails):
            self._refuse(f"a value at risk of {self.tails}: shares lie between 0.5 and 1")
        if len(set(names)) < len(names):
            self._refuse("two features have the same name")
        for target in self.targets:
            for name in target.spread:
                if name not in names or target.answer is not Answer.NUMBER:
                    self._refuse(f"the spread of {target.name!r} needs a number and {name!r}")

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

    def _check_events(self) -> None:
        names = {column.name for column in self.columns}
        for events in self.events:
            lost = [each.name for each in events.aggregates if each.name not in names]
            if lost:
                self._refuse(f"events {events.name!r} become {lost[0]!r}, which is no column")
            if self.role(Role.ROW) is None or self.time is None:
                self._refuse(f"events {events.name!r} need a row column and a time")
        rule = self.inactivity
        if rule is None:
            return
        if rule.events not in {each.name for each in self.events}:
            self._refuse(f"inactivity reads {rule.events!r}, which are no events")
        for name in (rule.outcome, rule.duration, rule.has_left):
            if self.column(name).role is not Role.OUTCOME:
                self._refuse(f"inactivity fills {name!r}, which must have the role outcome")

    def _check_lifetime(self) -> None:
        if self.lifetime is None:
            return
        if self.column(self.lifetime.ended).role is not Role.OUTCOME:
            self._refuse(f"the lifetime ends by {self.lifetime.ended!r}, which is no outcome")
        if self.column(self.lifetime.duration).kind is not Kind.NUMBER:
            self._refuse(f"the lifetime {self.lifetime.duration!r} is no number")
        if any(target.answer is not Answer.PROBABILITY for target in self.targets):
            self._refuse("a lifetime needs a probability to tell rows apart by")
