"""What every blueprint of one row per thing must hold, from raw rows to an answer.

Its data is made from its own declaration, with a known truth; adding a blueprint adds no test.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from scipy.stats import spearmanr

from tests.archive_variants import given_rows, variant_name
from tests.in_process import released
from tracer_ray.blueprint import Answer, Blueprint, Role, Source
from tracer_ray.errors import RequestError
from tracer_ray.metrics import metric
from tracer_ray.prediction.examples import example_request
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.synthetic import Synthetic, declared

ROWS = 1500
LEAST_RANK_CORRELATION = 0.5
SNAPSHOTS = [each for each in given_rows() if not each.entity and not each.sides]
every_snapshot = pytest.mark.parametrize("blueprint", SNAPSHOTS, ids=variant_name)


@cache
def made(blueprint: Blueprint, seed: int = 0) -> Synthetic:
    return declared(blueprint, ROWS, seed)


@cache
def trained(blueprint: Blueprint) -> Predictor:
    """A release, loaded whole: its files are not needed any more."""
    rows = made(blueprint).rows
    with TemporaryDirectory() as folder:
        return Predictor.open(released(blueprint, rows, Path(folder)).uri)


def answers(
    predictor: Predictor, requests: Sequence[Mapping[str, object]]
) -> list[dict[str, object]]:
    said = predictor.answer(requests)
    assert [each for each in said if isinstance(each, RequestError)] == []
    return [each for each in said if not isinstance(each, RequestError)]


def new_rows(blueprint: Blueprint, count: int) -> list[dict[str, object]]:
    """Rows that were not trained on, without their outcomes; they happen now."""
    left_out = [each.name for each in blueprint.columns if each.role in (Role.OUTCOME, Role.TIME)]
    rows: list[dict[str, object]] = (
        made(blueprint, seed=1).rows.drop_columns(left_out).slice(0, count).to_pylist()
    )
    return rows


@every_snapshot
def test_it_beats_its_baseline_on_rows_that_nothing_was_fitted_to(blueprint: Blueprint) -> None:
    for figures in trained(blueprint).release.manifest.figures.values():
        judge = metric(blueprint.metric)
        ours, naive = figures.ours[blueprint.metric], figures.baseline[blueprint.metric]
        assert judge.is_better(ours, naive), (ours, naive)


@every_snapshot
def test_a_release_keeps_what_was_set(blueprint: Blueprint) -> None:
    predictor = trained(blueprint)
    assert predictor.release.manifest.origin.parameters == dict(blueprint.settings)
    assert predictor.blueprint.settings == blueprint.settings


@every_snapshot
def test_it_finds_the_truth_behind_new_rows(blueprint: Blueprint) -> None:
    predictor = trained(blueprint)
    for target in blueprint.targets:
        source = Source.VALUE if target.answer is Answer.NUMBER else Source.PROBABILITY
        name = next(each.name for each in blueprint.output if each.source is source)
        asked = {"target": target.name} if len(blueprint.targets) > 1 else {}
        said = answers(predictor, [row | asked for row in new_rows(blueprint, 200)])
        truth = made(blueprint, seed=1).truth[target.name].slice(0, 200).to_numpy()
        assert spearmanr([each[name] for each in said], truth).statistic > LEAST_RANK_CORRELATION


@every_snapshot
def test_its_example_request_is_answered_whole(blueprint: Blueprint) -> None:
    predictor = trained(blueprint)
    (said,) = answers(predictor, [example_request(predictor)])
    assert [each.name for each in blueprint.output if said[each.name] is None] == []
    assert said["release"] == predictor.name


@every_snapshot
def test_its_example_says_what_rows_say(blueprint: Blueprint) -> None:
    """Of numbers the middle, of categories the most frequent: nothing that nobody ever said."""
    rows, row = made(blueprint).rows, blueprint.role(Role.ROW)
    said = {
        name: value
        for name, value in example_request(trained(blueprint)).items()
        if name in rows.column_names and name != (row.name if row else "")
    }
    assert said or blueprint.keeps_rows
    assert [name for name, value in said.items() if value not in rows[name].to_pylist()] == []


@every_snapshot
def test_class_and_risk_follow_from_the_probability(blueprint: Blueprint) -> None:
    predictor = trained(blueprint)
    fields = {each.source: each.name for each in blueprint.output}
    if Source.CLASS not in fields:
        pytest.skip("it answers with a number")
    decision = blueprint.targets[0].decision
    assert decision is not None
    for said in answers(predictor, new_rows(blueprint, 60)):
        chance = np.array([said[fields[Source.PROBABILITY]]])
        assert said[fields[Source.THRESHOLD]] == pytest.approx(decision.threshold, abs=1e-6)
        assert [said[fields[Source.CLASS]]] == decision.classes(chance)
        assert [said[fields[Source.RISK]]] == decision.risks(chance)


@every_snapshot
def test_it_needs_no_more_than_its_required_columns(blueprint: Blueprint, tmp_path: Path) -> None:
    """A column that carries something is needed too: without any there is nothing to learn."""
    needed = {each.name for each in blueprint.columns if each.required}
    needed |= {name for target in blueprint.targets for name in target.columns}
    read = [each.column for each in blueprint.features if each.column]
    needed |= {next(name for name in read if blueprint.column(name).role is Role.KNOWN)}
    least = made(blueprint).rows.select(sorted(needed))
    predictor = Predictor.open(released(blueprint, least, tmp_path).uri)
    assert answers(predictor, [example_request(predictor)])
