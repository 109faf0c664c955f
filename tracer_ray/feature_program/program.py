"""The features of a blueprint as a program: all history at once, or the next row, the same numbers.

The way of the full path: every bucket is summarised, one process crosses the summaries, and every
bucket is transformed; the states that come out answer for next rows.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Protocol

import numpy as np

from tracer_ray.blueprint import Blueprint
from tracer_ray.errors import BlueprintError
from tracer_ray.feature_program import kernels
from tracer_ray.feature_program.cross import Cross, Summary, cross_history
from tracer_ray.feature_program.kernels import Scan
from tracer_ray.feature_program.ledger import Entries, Ledger, Values
from tracer_ray.feature_program.ratings import Elo, Meetings
from tracer_ray.feature_program.row_features import fill_row_features
from tracer_ray.feature_program.rules import check_feature, opponent_column
from tracer_ray.feature_program.series import History, Moments, compile_history
from tracer_ray.feature_program.state import OWNERS, RATINGS, FeatureState, States
from tracer_ray.feature_program.vocabulary import Vocabulary
from tracer_ray.feature_program.within import label_of, series_names, sorted_by_series
from tracer_ray.features import RATING_OPS, ROW_OPS, Feature, Op
from tracer_ray.rows import Float32Array, IntArray, Rows, TextArray, Texts


class Past(Protocol):
    """What was known of any name when rows are seen, [rows, columns]; NaN if nothing."""

    def at(self, label: str, names: Texts, rows: Rows) -> Values:
        """The values of the series of that label."""


@dataclass(frozen=True)
class FeatureProgram:
    """Features compiled for one blueprint.

    `owners` reads each owner's past, `within` the parts of it that agree with a row, `by` the past
    of each key column, `elo` the ratings; `scan` is the kernel of the full path.
    """

    features: tuple[Feature, ...]
    owners: History
    within: Mapping[tuple[str, ...], History]
    by: Mapping[str, History]
    elo: Elo | None
    opponent: str
    scan: Scan = kernels.scan

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the feature matrix."""
        return tuple(feature.name for feature in self.features)

    @property
    def categorical(self) -> tuple[int, ...]:
        """The positions of the features that are codes, not quantities."""
        return tuple(i for i, feature in enumerate(self.features) if feature.op is Op.CODE)

    @cached_property
    def digest(self) -> str:
        """A digest of what is computed: programs with the same one give the same numbers."""
        text = repr((self.features, self.owners.season_start_month, self.elo, self.opponent))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def positions(self, names: Iterable[str]) -> IntArray:
        """The columns of the features of these names, int64; BlueprintError for an unknown one."""
        known = {name: position for position, name in enumerate(self.names)}
        wanted = list(names)
        for name in wanted:
            if name not in known:
                close = ", ".join(get_close_matches(name, known, n=3)) or "none like it"
                raise BlueprintError(f"no feature {name!r}; there is {close}")
        return np.array([known[name] for name in wanted], np.int64)

    def fit_vocabulary(self, rows: Rows) -> Vocabulary:
        """The categories of the training rows; buckets' vocabularies are merged into one."""
        columns = [feature.column for feature in self.features if feature.op is Op.CODE]
        return Vocabulary.of({column: rows.texts(column) for column in columns})

    def summarise(self, rows: Rows, state: FeatureState | None = None) -> Summary:
        """What other owners' features need of these rows, which follow on `state`."""
        entries = {label: _key_entries(rows, label, history) for label, history in self.by.items()}
        if len(self._versus):
            out, _ = self._scan_owners(rows, state or FeatureState())
            entries[OWNERS] = Entries(_owners(rows), rows.times, out[:, self._versus])
        return Summary(entries, self._meetings(rows))

    def cross(self, summaries: Sequence[Summary], state: FeatureState | None = None) -> Cross:
        """Everything that crosses owners; `summaries` of all buckets, in any order."""
        past = state or FeatureState()
        ledgers: dict[str, Ledger] = {}
        tables: dict[str, States] = {}
        if not summaries:
            return Cross(ledgers, FeatureState(tables))
        for label, history in self.by.items():
            found = Entries.join([summary.entries[label] for summary in summaries])
            ledgers[label], tables[label] = cross_history(history, found, past, self.scan)
        if len(self._versus):
            own = Entries.join([summary.entries[OWNERS] for summary in summaries])
            ledgers[OWNERS] = Ledger(own.first())
        if self.elo:
            meetings = [summary.meetings for summary in summaries if summary.meetings]
            ledgers[RATINGS], tables[RATINGS] = self.elo.replay(meetings, past)
        return Cross(ledgers, FeatureState(tables))

    def transform(
        self, rows: Rows, cross: Cross, vocabulary: Vocabulary, state: FeatureState | None = None
    ) -> tuple[Float32Array, FeatureState]:
        """The features of all rows, float32 [rows, features], and their owners' states after them.

        `cross` must come from the summaries of these rows, and both from the same `state` when
        they resume: then the result is what one pass over all rows would give. Raises DataError
        when a row is not later than what `state` has seen of its owner.
        """
        out, states = self._scan_owners(rows, state or FeatureState())
        tables = {OWNERS: states}
        for within, history in self.within.items():
            tables[history.label] = self._scan_within(rows, within, state or FeatureState(), out)
        self._fill_crossing(rows, cross, out)
        fill_row_features(self._row_features, rows, vocabulary, out)
        return out, FeatureState(tables)

    def transform_next(
        self, state: FeatureState, vocabulary: Vocabulary, requests: Rows
    ) -> Float32Array:
        """The features of next rows, float32 [requests, features].

        Requests read the state only: they never see each other, nor move the state. An owner that
        the state does not know has no past.
        """
        past = _StoredPast(self, state)
        moments = Moments(requests.times, requests.as_of)
        out = self.next_past(state, _owners(requests).rows, moments)
        for within, history in self.within.items():
            names = series_names(requests, within).rows
            out[:, history.positions] = past.next(history, names, moments)
        self._fill_crossing(requests, past, out)
        fill_row_features(self._row_features, requests, vocabulary, out)
        return out

    def next_past(self, state: FeatureState, names: TextArray, moments: Moments) -> Float32Array:
        """What a next row of each name reads of the name's own past, float32 [names, features].

        Only the columns `owners.positions` are filled, those compared with an opponent's by the
        name's own.
        """
        return _StoredPast(self, state).next(self.owners, names, moments)

    @cached_property
    def _versus(self) -> IntArray:
        """The positions of the features of the past that are compared with the opponent's."""
        own = self.owners.positions.tolist()
        return np.array([i for i in own if self.features[i].versus], np.int64)

    @cached_property
    def _row_features(self) -> Mapping[int, Feature]:
        return {i: feature for i, feature in enumerate(self.features) if feature.op in ROW_OPS}

    @cached_property
    def _rating_features(self) -> Mapping[int, Feature]:
        return {i: feature for i, feature in enumerate(self.features) if feature.op in RATING_OPS}

    def _scan_owners(self, rows: Rows, state: FeatureState) -> tuple[Float32Array, States]:
        history = self.owners
        states = state.take(OWNERS, rows.entities, history.width)
        values = history.values(rows.times, rows.numbers)
        series = history.series(rows.offsets, values, rows.vantage)
        out = history.scan(self.scan, series, rows.entities, states)
        return out, States(rows.entities, states)

    def _scan_within(
        self, rows: Rows, within: tuple[str, ...], state: FeatureState, out: Float32Array
    ) -> States:
        """Fill the features of one way to narrow the past; returns the states after it."""
        history, grouped = self.within[within], series_names(rows, within)
        order, offsets = sorted_by_series(grouped)
        states = state.take(history.label, grouped.names, history.width)
        values = history.values(rows.times, rows.numbers)[order]
        vantage = rows.vantage.take(order) if rows.vantage else None
        series = history.series(offsets, values, vantage)
        found = history.scan(self.scan, series, grouped.names, states)
        out[np.ix_(order, history.positions)] = found
        return States(grouped.names, states)

    def _meetings(self, rows: Rows) -> Meetings | None:
        if self.elo is None:
            return None
        opponents = rows.texts(self.opponent)
        return Meetings(_owners(rows), opponents, rows.times, rows.numbers[self.elo.won])

    def _fill_crossing(self, rows: Rows, past: Past, out: Float32Array) -> None:
        for label, history in self.by.items():
            keys = rows.texts(label)
            out[:, history.positions] = past.at(label, keys, rows)
        if not self.opponent:
            return
        opponents = rows.texts(self.opponent)
        if len(self._versus):
            out[:, self._versus] -= past.at(OWNERS, opponents, rows)
        if self.elo:
            own = past.at(RATINGS, _owners(rows), rows)
            other = past.at(RATINGS, opponents, rows)
            self.elo.fill(self._rating_features, rows.numbers, (own, other), out)


@dataclass(frozen=True)
class _StoredPast:
    """The past of any name as a state holds it, for a program's next rows."""

    program: FeatureProgram
    state: FeatureState

    def at(self, label: str, names: Texts, rows: Rows) -> Values:
        """As `Cross.at`: NaN for the null name, an empty past for an unknown one."""
        program = self.program
        if label == RATINGS and program.elo:
            return self.state.take(label, names.rows, len(program.elo.k_factors))
        history = program.owners if label == OWNERS else program.by[label]
        values = self.next(history, names.rows, Moments(rows.times, rows.as_of))
        values[names.rows == ""] = np.nan
        return values[:, program._versus] if label == OWNERS else values

    def next(self, history: History, names: TextArray, moments: Moments) -> Float32Array:
        """The features of a next row of each name, float32 [names, features of the history]."""
        return history.next(moments, self.state.take(history.label, names, history.width))


def compile_program(blueprint: Blueprint, targets: Sequence[str]) -> FeatureProgram:
    """The features of these targets as one program; each feature once, in declared order.

    Raises BlueprintError when a feature can't be computed from what the blueprint declares.

    >>> from tracer_ray.archive import blueprint
    >>> program = compile_program(blueprint("customer_churn"), ["churned"])
    >>> program.names[:2], program.categorical
    (('tenure_months', 'monthly_charges'), (3, 4))
    """
    features = _features(blueprint, targets)
    past = {i: f for i, f in enumerate(features) if f.op not in ROW_OPS | RATING_OPS}
    month = blueprint.season_start_month
    owners = {i: feature for i, feature in past.items() if not feature.by and not feature.within}
    keys = sorted({feature.by for feature in past.values() if feature.by})
    narrowed = sorted({feature.within for feature in past.values() if feature.within})
    return FeatureProgram(
        features,
        compile_history(OWNERS, owners, len(features), month),
        {
            within: _compile_part(
                label_of(within), {i: f for i, f in past.items() if f.within == within}, month
            )
            for within in narrowed
        },
        {
            key: _compile_part(key, {i: f for i, f in past.items() if f.by == key}, month)
            for key in keys
        },
        _compile_elo(blueprint, features),
        opponent_column(blueprint) if _reads_opponent(features) else "",
    )


def _features(blueprint: Blueprint, targets: Sequence[str]) -> tuple[Feature, ...]:
    found: dict[str, Feature] = {}
    for target in targets:
        for feature in blueprint.features_for(blueprint.target(target).name):
            check_feature(blueprint, feature)
            if found.setdefault(feature.name, feature) != feature:
                raise BlueprintError(
                    f"blueprint {blueprint.id}: two features have the name {feature.name!r}"
                )
    return tuple(found.values())


def _owners(rows: Rows) -> Texts:
    return Texts(rows.entities, rows.entity_index)


def _key_entries(rows: Rows, label: str, history: History) -> Entries:
    """What the rows add to the series of a key, and the instants at which they will ask for it."""
    keys, values = rows.texts(label), history.values(rows.times, rows.numbers)[:, 1:]
    if rows.vantage is None:
        return Entries(keys, rows.times, values).named()
    told, asked = np.flatnonzero(~rows.is_repeat), np.full_like(values, np.nan)
    return Entries(
        Texts(keys.names, np.concatenate([keys.codes[told], keys.codes])),
        np.concatenate([rows.times[told], rows.as_of]),
        np.concatenate([values[told], asked]),
    ).named()


def _compile_part(label: str, chosen: Mapping[int, Feature], month: int) -> History:
    """Features that fill a matrix of their own, of which `positions` says where they belong."""
    features = dict(enumerate(chosen.values()))
    history = compile_history(label, features, len(features), month)
    return replace(history, positions=np.array(list(chosen), np.int64))


def _compile_elo(blueprint: Blueprint, features: Sequence[Feature]) -> Elo | None:
    k_factors = sorted({feature.window for feature in features if feature.op in RATING_OPS})
    sides = blueprint.sides
    if not k_factors or sides is None:
        return None
    is_home_known = any(column.name == sides.home for column in blueprint.columns)
    return Elo(tuple(k_factors), sides.won, sides.home if is_home_known else "")


def _reads_opponent(features: Sequence[Feature]) -> bool:
    return any(f.op in RATING_OPS or (f.versus and f.op not in ROW_OPS) for f in features)
