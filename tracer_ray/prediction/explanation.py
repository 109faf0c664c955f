"""Why an answer is what it is: its largest reasons, in the answer's own terms.

Contributions add up on the models' scale. What each is worth in the answer is told by putting them
in one after another, the largest first: a number moves by the contribution itself, an amount by a
factor, a probability by as many percentage points as the calibrated answer then moves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracer_ray.blueprint import Answer, Source
from tracer_ray.feature_program.wording import describe, shown, unit_of
from tracer_ray.features import Feature
from tracer_ray.link import from_link
from tracer_ray.prediction.contributions import Contributions, contributions
from tracer_ray.prediction.loaded_release import LoadedRelease
from tracer_ray.prediction.next_rows import NextRows
from tracer_ray.prediction.outputs import DECIMALS
from tracer_ray.prediction.requests import Controls
from tracer_ray.prediction.target_models import Said, TargetModels
from tracer_ray.rows import Float32Array, FloatArray, IntArray

MOST_REASONS = 5
_SCALES = {Answer.NUMBER: "", Answer.AMOUNT: "log(1 + amount)", Answer.PROBABILITY: "log-odds"}
_EXPLAINED = (Source.REASONS, Source.PROTOCOLS)
_UNSPOKEN = ("", "count", "money")
Json = dict[str, object]


@dataclass(frozen=True)
class Reason:
    """One feature's part in an answer.

    `contribution` is on the models' scale, `effect` what it moves the answer by: in `effect_unit`.
    """

    feature: str
    description: str
    value: float | str | None
    unit: str
    contribution: float
    effect: float
    effect_unit: str
    sentence: str


@dataclass(frozen=True)
class Explanation:
    """An answer's reasons, the largest first, from where they start and what the others add.

    `start`, the reasons' contributions and `others` sum to `prediction`, all on `scale`;
    `start_answer` is what is answered before any feature is known.
    """

    scale: str
    start: float
    start_answer: float
    reasons: tuple[Reason, ...]
    others: float
    prediction: float

    def to_json(self) -> Json:
        """The explanation as plain values."""
        return {**vars(self), "reasons": self.reasons_json()}

    def reasons_json(self) -> list[Json]:
        """Only the reasons."""
        return [dict(vars(reason)) for reason in self.reasons]


@dataclass(frozen=True)
class Answers:
    """What was answered about one target: the views' features, what was said of them, the asked."""

    rows: NextRows
    features: Float32Array
    said: Said
    controls: Sequence[Controls]


def explanations(
    loaded: LoadedRelease, models: TargetModels, answers: Answers
) -> list[Explanation | None]:
    """An explanation per question that asks for one, or whose answer has reasons; else None."""
    is_usual = any(field.source in _EXPLAINED for field in loaded.blueprint.output)
    asked = [is_usual if each.explain is None else each.explain for each in answers.controls]
    wanted = [place for place, is_wanted in enumerate(asked) if is_wanted]
    found: list[Explanation | None] = [None] * len(answers.controls)
    if not wanted:
        return found
    chosen = np.array(wanted, np.int64)
    views, rows = answers.rows.views_of(chosen), answers.rows.take(chosen)
    features, said = answers.features[views], answers.said.take(views)
    added = contributions(models, features, rows.views.entities, said)
    own = features[rows.first][:, models.positions]
    for place, explained in zip(wanted, _explained(loaded, models, rows, added, own), strict=True):
        found[place] = explained
    return found


def _explained(
    loaded: LoadedRelease,
    models: TargetModels,
    rows: NextRows,
    added: Contributions,
    own: Float32Array,
) -> list[Explanation]:
    """The explanations of questions, from the contributions to their views.

    `own` are the features of each question's own side.
    """
    ours, theirs = added.take(rows.first), added.take(rows.second)
    is_agreed = rows.is_meeting and not models.uncertainty.has_draws
    told = ours.against(theirs) if is_agreed else ours
    size = np.abs(_rounded(told.parts))
    largest = np.argsort(-size, axis=1, kind="stable")[:, :MOST_REASONS]
    path = _answers_on_the_way(
        models, _cumulated(ours, largest), _cumulated(theirs, largest) if rows.is_meeting else None
    )
    return [
        _explanation(
            loaded, models, told.take(np.array([row])), _Way(largest[row], own[row], path[row])
        )
        for row in range(len(rows))
    ]


@dataclass(frozen=True)
class _Way:
    """One question's largest features, its feature values, and the answers on the way to them."""

    largest: IntArray
    values: Float32Array
    answers: FloatArray


def _cumulated(added: Contributions, order: IntArray) -> FloatArray:
    """The rest, then each of the ordered contributions added to it, float64 [rows, order + 1]."""
    parts = np.take_along_axis(added.parts, order, axis=1)
    return np.cumsum(np.concatenate([added.rest[:, None], parts], axis=1), axis=1)


def _answers_on_the_way(
    models: TargetModels, ours: FloatArray, theirs: FloatArray | None
) -> FloatArray:
    said = from_link(ours, models.answer)
    if models.answer is not Answer.PROBABILITY:
        return said
    other = None if theirs is None else from_link(theirs, models.answer).ravel()
    return models.uncertainty.calibrate(said.ravel(), other).reshape(said.shape)


def _explanation(
    loaded: LoadedRelease, models: TargetModels, added: Contributions, way: _Way
) -> Explanation:
    parts, moved = _rounded(added.parts[0][way.largest]), np.diff(way.answers)
    scale = {Answer.NUMBER: 1.0, Answer.PROBABILITY: 100.0}.get(models.answer)
    effects = _rounded(100.0 * np.expm1(parts) if scale is None else scale * moved)
    features = [loaded.program.features[models.positions[place]] for place in way.largest]
    reasons = [
        _reason(loaded, models, feature, (float(way.values[place]), part, effect))
        for feature, place, part, effect in zip(
            features, way.largest, parts.tolist(), effects.tolist(), strict=True
        )
        if part != 0.0
    ]
    total, rest = float(added.total[0]), float(added.rest[0])
    return Explanation(
        _SCALES[models.answer] or loaded.blueprint.target(models.target).unit,
        round(rest, DECIMALS),
        round(float(way.answers[0]), DECIMALS),
        tuple(reasons),
        round(total - rest - float(parts.sum()), DECIMALS),
        round(total, DECIMALS),
    )


def _rounded(values: FloatArray) -> FloatArray:
    """Values as they are told: the last digits depend on which rows are computed together.

    >>> _rounded(np.array([-5e-17, 0.12345678]))
    array([0.      , 0.123457])
    """
    return np.round(values, DECIMALS) + 0.0  # no -0.0


def _reason(
    loaded: LoadedRelease, models: TargetModels, feature: Feature, told: tuple[float, float, float]
) -> Reason:
    """The reason that a feature of that value, contribution and effect is."""
    blueprint, (value, part, effect) = loaded.blueprint, told
    description, unit = describe(feature, blueprint), unit_of(feature, blueprint)
    seen = shown(feature, value, loaded.vocabulary)
    effect_unit = {Answer.AMOUNT: "percent", Answer.PROBABILITY: "percentage points"}.get(
        models.answer, blueprint.target(models.target).unit
    )
    return Reason(
        feature.name,
        description,
        seen,
        unit,
        part,
        effect,
        effect_unit,
        _sentence(
            description, _with_unit(seen, unit), _with_unit(abs(effect), effect_unit), effect
        ),
    )


def _sentence(description: str, value: str, size: str, effect: float) -> str:
    """What somebody may quote.

    >>> _sentence("season average of points", "27.1 points", "1.9 points", -1.9)
    'Season average of points is 27.1 points, which lowers the answer by 1.9 points.'
    """
    direction = "raises" if effect > 0.0 else "lowers"
    consequence = f"{direction} the answer by {size}" if effect else "leaves the answer as it is"
    return f"{description[:1].upper()}{description[1:]} is {value}, which {consequence}."


def _with_unit(value: float | str | None, unit: str) -> str:
    """A value as it is said.

    >>> _with_unit(0.12345, "percent"), _with_unit(None, "points"), _with_unit(1.0, "0 is Monday")
    ('0.123 percent', 'not known', '1 (0 is Monday)')
    """
    if value is None or isinstance(value, str):
        return "not known" if value is None else value
    number = f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.3g}"
    if unit in _UNSPOKEN:
        return number
    is_remark = unit.startswith(("0", "on "))
    return f"{number} ({unit})" if is_remark else f"{number} {unit}"
