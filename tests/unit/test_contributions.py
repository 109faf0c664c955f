"""Contributions: exact sums for every family, answer and level, and a start that no row moves."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from tracer_ray.baselines import NaiveForecast
from tracer_ray.blueprint import Answer, candidate
from tracer_ray.families import FAMILIES, Matrix, Resources, Task, family
from tracer_ray.families.fitting import fit_candidate
from tracer_ray.link import from_link, to_link
from tracer_ray.prediction.contributions import Contributions, contributions
from tracer_ray.prediction.target_models import TargetModels
from tracer_ray.releases.tables import EntityRecord, Level
from tracer_ray.rows import Float32Array, FloatArray, TextArray
from tracer_ray.training.pooled import Ensemble, Member
from tracer_ray.uncertainty.uncertainty import Uncertainty

ROWS, WEIGHT, NAMES = 240, 0.4, ("a", "b", "c")
LEVELS = (Level.ENTITY, Level.BLEND, Level.POOLED, Level.BASELINE)
CONSTANT = 0.3


@dataclass(frozen=True)
class Case:
    """Fitted models of one target, and rows of owners of every level."""

    models: TargetModels
    features: Float32Array
    owners: TextArray


def _outcome(margin: FloatArray, answer: Answer) -> FloatArray:
    if answer is Answer.PROBABILITY:
        draws = np.random.default_rng(1).uniform(size=len(margin))
        return (draws < from_link(margin, answer)).astype(np.float64)
    return np.exp(6.0 + margin) if answer is Answer.AMOUNT else margin


def _case(name: str, answer: Answer) -> Case:
    """The models read columns 3, 0 and 1 of the features; column 2 is another target's."""
    random = np.random.default_rng(0)
    features = random.normal(size=(ROWS, 4)).astype(np.float32)
    x = np.ascontiguousarray(features[:, [3, 0, 1]])
    y = _outcome(x[:, 0] - 0.5 * x[:, 1] + random.normal(0.0, 0.3, ROWS), answer)
    task = Task(answer, "log_loss" if answer is Answer.PROBABILITY else "squared", NAMES)
    chosen = (candidate(name), candidate("elastic_net", alpha=0.05, l1_ratio=0.1))
    fitted = tuple(fit_candidate(task, Matrix(x, y), None, c, Resources()) for c in chosen)
    members = tuple(Member(c, weight) for c, weight in zip(chosen, (0.3, 0.7), strict=True))
    pooled = Ensemble(members, fitted, answer)
    starts = to_link(pooled.predict(x), answer)
    own = chosen[0] if family(name).accepts_offset(answer) else chosen[1]
    model = fit_candidate(task, Matrix(x, y, offset=starts), None, own, Resources())
    weights = {Level.ENTITY: 1.0, Level.BLEND: WEIGHT}
    models = TargetModels(
        target="y",
        answer=answer,
        positions=np.array([3, 0, 1]),
        pooled=pooled,
        own={each.value: model for each in LEVELS},
        records={
            each.value: EntityRecord("y", each.value, "", each, "", 1, weights.get(each, 0.0))
            for each in LEVELS
        },
        naive=NaiveForecast(1, False, CONSTANT) if answer is Answer.NUMBER else _constant(),
        uncertainty=Uncertainty(),
    )
    owners = np.array([each.value for each in LEVELS] * (ROWS // 4), dtype=object)
    return Case(models, features, owners)


def _constant() -> NaiveForecast:
    return NaiveForecast(-1, False, CONSTANT)


def _added(case: Case) -> Contributions:
    said = case.models.predict(case.features, case.owners)
    return contributions(case.models, case.features, case.owners, said)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("answer", list(Answer))
def test_contributions_and_the_rest_sum_to_the_prediction_at_every_level(
    name: str, answer: Answer
) -> None:
    case = _case(name, answer)
    added = _added(case)
    said = case.models.predict(case.features, case.owners)
    np.testing.assert_allclose(added.total, to_link(said.ours, answer), rtol=0, atol=1e-6)
    for level in LEVELS:
        rest = added.rest[case.owners == level.value]
        assert np.ptp(rest) < 1e-3, level  # the rest explains nothing of a row


def test_an_own_models_part_comes_on_top_of_the_pooled_one_by_its_weight() -> None:
    case = _case("elastic_net", Answer.NUMBER)
    x = np.ascontiguousarray(case.features[:, [3, 0, 1]])
    first, second = (each.contributions(x)[:, :-1] for each in case.models.pooled.models)
    own = case.models.own["blend"].contributions(x)[:, :-1]
    is_blend = case.owners == "blend"
    expected = 0.3 * first + 0.7 * second + WEIGHT * own
    np.testing.assert_allclose(_added(case).parts[is_blend], expected[is_blend], atol=1e-12)


def test_a_feature_that_a_member_starts_from_counts_from_the_constant_on() -> None:
    x = np.random.default_rng(2).normal(6.0, 1.0, (400, 3)).astype(np.float32)
    flat = candidate("elastic_net", alpha=50.0, l1_ratio=0.5, start=0)
    task = Task(Answer.AMOUNT, "squared", NAMES)
    model = fit_candidate(task, Matrix(x, np.expm1(x[:, 0])), None, flat, Resources())
    pooled = Ensemble((Member(flat, 1.0),), (model,), Answer.AMOUNT)
    case = _case("elastic_net", Answer.AMOUNT)
    constant = NaiveForecast(-1, False, float(np.expm1(6.0)))
    models = replace(case.models, pooled=pooled, records={}, positions=np.arange(3), naive=constant)
    added = _added(Case(models, x, np.full(len(x), "new", dtype=object)))
    np.testing.assert_allclose(added.parts[:, 0], x[:, 0] - 6.0, atol=1e-5)
    np.testing.assert_allclose(added.rest, 6.0, atol=0.02)


def test_a_baseline_is_moved_by_the_one_feature_that_it_repeats() -> None:
    case = _case("elastic_net", Answer.NUMBER)
    case.features[3, 0] = np.nan
    added, is_naive = _added(case), case.owners == "baseline"
    expected = np.nan_to_num(case.features[is_naive, 0], nan=CONSTANT) - CONSTANT
    np.testing.assert_allclose(added.parts[is_naive, 1], expected, atol=1e-6)
    assert not added.parts[is_naive][:, [0, 2]].any()
    np.testing.assert_allclose(added.rest[is_naive], CONSTANT)
