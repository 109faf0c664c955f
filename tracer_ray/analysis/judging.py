"""How well each blueprint of the archive fits a data set, by its columns, values and rows."""

from collections.abc import Mapping as Dictionary
from collections.abc import Sequence
from dataclasses import replace
from math import exp
from types import MappingProxyType

import pyarrow as pa

from tracer_ray.analysis.advice import missing_of, next_command, reason_of, settings_of
from tracer_ray.analysis.doubts import (
    doubting_flags,
    doubting_money,
    is_alone,
    names_of_money,
)
from tracer_ray.analysis.found import GENERIC_OUTCOMES, Found
from tracer_ray.analysis.leaks import Suspect, suspects
from tracer_ray.analysis.mapping import Mapping, find_mapping
from tracer_ray.analysis.names import Certainty
from tracer_ray.analysis.profile import Profile
from tracer_ray.analysis.series import with_only_number
from tracer_ray.analysis.shape import is_thin, mixed_columns, shape_problem
from tracer_ray.analysis.suggestion import Suggestion
from tracer_ray.analysis.vocabulary import Vocabulary, signs_of, words_of_data
from tracer_ray.analysis.weighing import weighed_by_names
from tracer_ray.blueprint import Blueprint, Role, Source
from tracer_ray.data.matching import match as match_names
from tracer_ray.data.spelling import fold

NOTHING_TOLD: Dictionary[str, str] = MappingProxyType({})

# What the share of a needed column counts by how it was found; missing ones gate the score.
_WORTH = {
    Certainty.NAME: 1.0,
    Certainty.SPELLING: 0.97,
    Certainty.PART: 0.85,
    Certainty.TYPE: 0.55,
    Certainty.NONE: 0.0,
}
_TOLD_BY_TYPE = 0.9
_ALONE = 0.8  # an everyday word for the outcome, and no other column of the field
_WITHOUT_SIGN = 0.8  # customers churn as players do, and no word tells of a game
_WITHOUT_OUTCOME, _WITHOUT_REQUIRED, _UNREADABLE, _OTHER_SHAPE = 0.3, 0.5, 0.6, 0.5
_MISNAMED = 0.95
_MIXED = 0.85  # rows that the data tell apart are added up
_THIN = 0.9
_UNRANKED = 0.9  # one asset has no rank
_BASE, _EVIDENCE, _CONTEXT = 0.55, 0.3, 0.15  # what a complete fit is worth, and what adds to it
_ENOUGH_EVIDENCE = 1.5


class Archive:
    """Every blueprint, and the words by which one is told from the others."""

    def __init__(self, blueprints: Sequence[Blueprint]) -> None:
        self.blueprints = tuple(blueprints)
        self._money = names_of_money(blueprints)
        self._vocabulary = Vocabulary(blueprints)

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
        judged = replace(judged, reason=judged.reason + _together(blueprint, mixed))
        return judged if is_told(blueprint, told) else weighed_by_names(judged, profile)

    def fit(self, blueprint: Blueprint, profile: Profile, mapping: Mapping) -> float:
        """The score of a mapping, the shape of the rows aside."""
        found = [each for each in mapping.found if each.certainty > Certainty.TYPE]
        fitting = [each for each in found if not each.problem]
        evidence = sum(
            self._vocabulary.specificity(each.source) * _WORTH[each.certainty] for each in fitting
        )
        supported = 1.0 - exp(-evidence / _ENOUGH_EVIDENCE)
        fit = (
            _BASE + _EVIDENCE * supported + _CONTEXT * self._vocabulary.context(blueprint, profile)
        )
        is_ours = not blueprint.signs or bool(words_of_data(profile) & signs_of(blueprint))
        return fit * _gate(blueprint, mapping, supported) * (1.0 if is_ours else _WITHOUT_SIGN)


def is_told(blueprint: Blueprint, told: Dictionary[str, str]) -> bool:
    """Whether more than the time is known to be this blueprint's, whatever names speak of."""
    needed = (each for each in blueprint.columns if each.required and each.role is not Role.TIME)
    return any(column.name in told for column in needed)


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
