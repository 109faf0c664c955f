"""How well a blueprint fits a data set: a score from 0 to 1, its reason, and what to do next."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log
from types import MappingProxyType

import pyarrow as pa

from tracer_ray.analysis.advice import missing_of, next_command, reason_of, settings_of
from tracer_ray.analysis.doubts import (
    doubting_flags,
    doubting_money,
    is_alone,
    is_of_anybody,
    names_of_money,
)
from tracer_ray.analysis.leaks import Suspect, suspects
from tracer_ray.analysis.mapping import GENERIC_OUTCOMES, Found, Mapping, find_mapping
from tracer_ray.analysis.names import Certainty, words_of
from tracer_ray.analysis.profile import Profile
from tracer_ray.analysis.series import with_only_number
from tracer_ray.analysis.shape import is_thin, mixed_columns, shape_problem
from tracer_ray.blueprint import Blueprint, Role, Source
from tracer_ray.data.matching import all_names
from tracer_ray.data.matching import match as match_names
from tracer_ray.data.spelling import fold

# What the share of a needed column counts by how it was found; missing ones gate the score.
_WORTH = {
    Certainty.NAME: 1.0,
    Certainty.SPELLING: 0.97,
    Certainty.PART: 0.85,
    Certainty.TYPE: 0.55,
    Certainty.NONE: 0.0,
}
NOTHING_TOLD: Dictionary[str, str] = MappingProxyType({})
_TOLD_BY_TYPE = 0.9
_OF_ANYBODY = 0.25
_ALONE = 0.8  # an everyday word for the outcome, and no other column of the field
_WITHOUT_OUTCOME, _WITHOUT_REQUIRED, _UNREADABLE, _OTHER_SHAPE = 0.3, 0.5, 0.6, 0.5
_MISNAMED = 0.95
_MIXED = 0.85  # rows that the data tell apart are added up
_THIN = 0.9
_UNRANKED = 0.9  # one asset has no rank
_BASE, _EVIDENCE, _CONTEXT = 0.55, 0.3, 0.15  # what a complete fit is worth, and what adds to it
_ENOUGH_EVIDENCE, _ENOUGH_CONTEXT = 1.5, 6.0


@dataclass(frozen=True)
class Suggestion:
    """One blueprint for one data set.

    `mapping` is the raw name by column as it would be used; `apply` what of it has to be told to
    Tracer (`--map`), `ask` the doubtful columns as (column, raw names to choose from); `drop` are
    raw columns to leave out, `leaks` those of them, and of the ones that are never used, that say
    the outcome; `missing` and `problems` stand between the data and a model; `settings` are the
    parameters that have to be set.
    """

    blueprint: str
    data: str
    score: float
    reason: str
    mapping: Dictionary[str, str]
    apply: Dictionary[str, str]
    ask: Sequence[tuple[str, tuple[str, ...]]]
    missing: tuple[str, ...]
    problems: tuple[str, ...]
    leaks: tuple[Suspect, ...]
    drop: tuple[str, ...]
    next_command: str
    settings: Dictionary[str, str]

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing or doubtful: `deploy` would do it as it stands."""
        return not (self.missing or self.problems or self.ask)

    @property
    def name(self) -> str:
        """The blueprint, and the parameters that have to be set."""
        chosen = (f"{parameter}={value}" for parameter, value in self.settings.items())
        return " ".join((self.blueprint, *chosen))

    def to_json(self) -> dict[str, object]:
        """Everything, for machines."""
        return {
            "blueprint": self.blueprint,
            "settings": dict(self.settings),
            "data": self.data,
            "score": round(self.score, 3),
            "reason": self.reason,
            "is_ready": self.is_ready,
            "mapping": dict(self.mapping),
            "apply": dict(self.apply),
            "ask": {column: list(options) for column, options in self.ask},
            "missing": list(self.missing),
            "problems": list(self.problems),
            "leaks": {each.name: each.reason for each in self.leaks},
            "drop": list(self.drop),
            "next": self.next_command,
        }


class Archive:
    """Every blueprint, and how much each of its words says about it alone."""

    def __init__(self, blueprints: Sequence[Blueprint]) -> None:
        self.blueprints = tuple(blueprints)
        self._names: dict[str, int] = {}
        self._words: dict[str, int] = {}
        self._money = names_of_money(blueprints)
        self._vocabularies = {each.id: _vocabulary(each) for each in blueprints}
        for each in blueprints:
            for name in {fold(name) for name in _declared(each)}:
                self._names[name] = self._names.get(name, 0) + 1
            for word in self._vocabularies[each.id]:
                self._words[word] = self._words.get(word, 0) + 1

    def specificity(self, name: str) -> float:
        """1 for a name that one blueprint declares, 1/n for one of n; 1/2 for another name.

        A quarter of it for what every table of persons has.
        """
        shared = 1.0 / self._names.get(fold(name), 2)
        return shared * _OF_ANYBODY if is_of_anybody(name) else shared

    def context(self, blueprint: Blueprint, profile: Profile) -> float:
        """How much the words of a data set are those of a blueprint, 0 to 1."""
        words = {word for name in (*profile.names, profile.name) for word in words_of(name)}
        shared = words & self._vocabularies[blueprint.id]
        weight = sum(log(len(self.blueprints) / self._words[word]) for word in shared)
        return 1.0 - exp(-max(weight, 0.0) / _ENOUGH_CONTEXT)

    def suggest(
        self,
        blueprint: Blueprint,
        profile: Profile,
        table: pa.Table,
        told: Dictionary[str, str] = NOTHING_TOLD,
    ) -> Suggestion:
        """Judge one blueprint against a data set; `told` is what the user says of its columns."""
        mapping = find_mapping(blueprint, profile, told)
        mapping = doubting_money(mapping, profile, told, self._money)
        mapping = doubting_flags(mapping, told)
        mapping = with_only_number(blueprint, profile, mapping)
        shape = shape_problem(blueprint, mapping, profile, table)
        mixed = mixed_columns(blueprint, mapping, profile, table)
        score = self.fit(blueprint, profile, mapping)
        score *= (_OTHER_SHAPE if shape else 1.0) * (_MIXED if mixed else 1.0)
        score *= _THIN if is_thin(blueprint, mapping, table) else 1.0
        judged = _suggestion(blueprint, profile, mapping, (score, shape, table))
        return replace(judged, reason=judged.reason + _together(blueprint, mixed))

    def fit(self, blueprint: Blueprint, profile: Profile, mapping: Mapping) -> float:
        """The score of a mapping, the shape of the rows aside."""
        found = [each for each in mapping.found if each.certainty > Certainty.TYPE]
        fitting = [each for each in found if not each.problem]
        evidence = sum(self.specificity(each.source) * _WORTH[each.certainty] for each in fitting)
        supported = 1.0 - exp(-evidence / _ENOUGH_EVIDENCE)
        fit = _BASE + _EVIDENCE * supported + _CONTEXT * self.context(blueprint, profile)
        return fit * _gate(blueprint, mapping, supported)


def _together(blueprint: Blueprint, mixed: Sequence[str]) -> str:
    shown = " and ".join(map(repr, mixed[:3]))
    how = "added up" if blueprint.adds_up else "taken together"
    return f"; rows of one day with another {shown} are {how}" if mixed else ""


def _suggestion(
    blueprint: Blueprint,
    profile: Profile,
    mapping: Mapping,
    judged: tuple[float, str, pa.Table],
) -> Suggestion:
    score, shape, table = judged
    problems = [each.problem for each in mapping.found if each.problem and not each.is_misnamed]
    leaks = suspects(blueprint, mapping, table)
    drop = _to_drop(mapping, leaks)
    return Suggestion(
        blueprint=blueprint.id,
        data=profile.name,
        score=min(score, 1.0),
        reason=reason_of(blueprint, mapping),
        mapping={each.column.name: each.source for each in mapping.found if each.is_used}
        | _sides_result(blueprint, profile),
        apply=mapping.to_apply,
        ask=tuple((each.column.name, each.options or (each.source,)) for each in mapping.to_ask),
        missing=missing_of(blueprint, mapping),
        problems=tuple(dict.fromkeys(filter(None, (*problems, shape)))),
        leaks=leaks,
        drop=drop,
        next_command=next_command(blueprint, profile, mapping, drop),
        settings=settings_of(blueprint),
    )


def _to_drop(mapping: Mapping, leaks: Sequence[Suspect]) -> tuple[str, ...]:
    """The measured leaks, and columns that are not what their name says."""
    leaking = [each.name for each in leaks if not each.is_declared]
    misnamed = [each.source for each in mapping.found if each.is_misnamed]
    return tuple(dict.fromkeys((*leaking, *misnamed)))


def _sides_result(blueprint: Blueprint, profile: Profile) -> dict[str, str]:
    """The raw column that says who won, which is no column of the normalised rows."""
    if blueprint.sides is None:
        return {}
    plan = match_names(blueprint, profile.names).mapping
    known = {column.name for column in blueprint.columns}
    return {name.strip("_"): source for name, source in plan.items() if name not in known}


def _gate(blueprint: Blueprint, mapping: Mapping, supported: float) -> float:
    """What doubts about needed columns leave of a score; a mere type needs support by others."""
    gate = 1.0 if mapping.has_outcome else _WITHOUT_OUTCOME
    outcomes = {column.name for column in blueprint.columns if column.role is Role.OUTCOME}
    for name in mapping.missing:
        gate *= 1.0 if name in outcomes else _WITHOUT_REQUIRED
    if _ranks(blueprint) and blueprint.entity and mapping.of(blueprint.entity.name) is None:
        gate *= _UNRANKED
    for each in mapping.found:
        if each.column.required:
            gate *= _worth(each)
        if each.column.role is Role.OUTCOME:
            is_guessed = each.certainty is Certainty.TYPE and not each.is_only
            gate *= supported if is_guessed else 1.0
            gate *= _ALONE if is_alone(each, mapping, blueprint.id) else 1.0
        if each.problem:
            gate *= _MISNAMED if each.is_misnamed else _UNREADABLE
    return gate


def _ranks(blueprint: Blueprint) -> bool:
    return any(field.source is Source.RANK for field in blueprint.output)


def _worth(found: Found) -> float:
    """What a needed column counts; a key, or the only time, is told by its values alone.

    An outcome that is merely called one (`target`) counts as one that is named in part.
    """
    if found.column.role is Role.OUTCOME and fold(found.source) in GENERIC_OUTCOMES:
        return max(_WORTH[found.certainty], _WORTH[Certainty.PART])
    is_key = found.column.role is Role.ROW
    is_only_time = found.column.role is Role.TIME and len(found.options) == 1
    is_told = found.certainty is Certainty.TYPE and (is_key or is_only_time)
    return _TOLD_BY_TYPE if is_told else _WORTH[found.certainty]


def _declared(blueprint: Blueprint) -> set[str]:
    """Every raw name that a blueprint knows."""
    names = {name for column in blueprint.columns for name in all_names(column)}
    if blueprint.sides:
        names |= {name for pair in blueprint.sides.pairs for name in (*pair.first, *pair.second)}
        names |= {*blueprint.sides.result, *blueprint.sides.winner_first}
        names |= {*blueprint.sides.home_told_by}
    return names


def _vocabulary(blueprint: Blueprint) -> frozenset[str]:
    texts = (blueprint.id, blueprint.who, *_declared(blueprint))
    return frozenset(word for text in texts for word in words_of(text) if len(word) > 1)
