"""What every blueprint of the archive must hold; adding one adds no test."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pytest

from tests.archive_variants import given_rows, variant_name
from tests.in_process import ingested
from tests.random_rows import outcomes_of, random_rows
from tracer_ray.archive import blueprints
from tracer_ray.blueprint import (
    DECIDED,
    FORECAST_SOURCES,
    RANK_SOURCES,
    RESPONSE_SOURCES,
    TAIL_SOURCES,
    Answer,
    Blueprint,
    Candidate,
    Source,
)
from tracer_ray.blueprint_json import blueprint_from_json, blueprint_to_json
from tracer_ray.data.matching import all_names, match
from tracer_ray.data.spelling import fold
from tracer_ray.data.values import without_null_words
from tracer_ray.errors import SchemaError
from tracer_ray.families import Matrix, Resources
from tracer_ray.families.fitting import RELATIVE, START, fit_candidate
from tracer_ray.feature_program.leaks import LeakCheck, assert_no_leak
from tracer_ray.feature_program.program import FeatureProgram, compile_program
from tracer_ray.horizon import Ahead, seen_ahead
from tracer_ray.rows import Float32Array, Rows
from tracer_ray.splits import Part
from tracer_ray.synthetic import (
    customers,
    daily_sales,
    declared,
    matches,
    player_games,
    pool_yields,
    weekly_prices,
)
from tracer_ray.training.objective import objective
from tracer_ray.training.search import started

SYNTHETIC: dict[str, Callable[[], pa.Table]] = {
    "player_games": lambda: player_games(players=6, seasons=1, games_per_season=12).rows,
    "customers": lambda: customers(n=60).rows,
    "matches": lambda: matches(teams=4, rounds=8).rows,
    "daily_sales": lambda: daily_sales(stores=2, days=60).rows,
    "pool_yields": lambda: pool_yields(pools=4, days=30).rows,
    "weekly_prices": lambda: weekly_prices(products=3, weeks=40).rows,
}
SOURCES = {
    Answer.NUMBER: {
        Source.VALUE,
        Source.INTERVAL,
        Source.OVER,
        Source.UNDER,
        Source.RECOMMENDATION,
        Source.CONFIDENCE,
        Source.EXPECTED_VALUE,
        Source.BASELINE,
        Source.REASONS,
        Source.ABOVE_ZERO,
        Source.VOLATILITY,
        *TAIL_SOURCES,
        *RANK_SOURCES,
    },
    Answer.AMOUNT: {
        Source.VALUE,
        Source.INTERVAL,
        Source.BASELINE,
        Source.REASONS,
        *FORECAST_SOURCES,
        *RESPONSE_SOURCES,
        *RANK_SOURCES,
    },
    Answer.PROBABILITY: {
        Source.PROBABILITY,
        Source.COMPLEMENT,
        Source.DRAW,
        *DECIDED,
        Source.RECOMMENDATION,
        Source.CONFIDENCE,
        Source.EXPECTED_VALUE,
        Source.BASELINE,
        Source.REASONS,
        *RANK_SOURCES,
        Source.PROTOCOLS,
        Source.WINDOW,
    },
}
every_blueprint = pytest.mark.parametrize("blueprint", given_rows(), ids=variant_name)


def tables_of(blueprint: Blueprint) -> dict[str, pa.Table]:
    """The synthetic data that have the blueprint's required columns and those of a target."""
    made = {name: make() for name, make in SYNTHETIC.items()}
    if blueprint.sides is None:
        made["declared"] = declared(blueprint, n=60 * blueprint.period.days).rows
    return {name: table for name, table in made.items() if fits(blueprint, table)}


def fits(blueprint: Blueprint, table: pa.Table) -> bool:
    """Whether a raw table can be resolved; what sides won is derived, and needs no column."""
    plan = match(blueprint, table.column_names, {})
    targets = [set(target.columns) <= plan.mapping.keys() for target in blueprint.targets]
    has_changes = any(each.is_change for each in blueprint.columns)
    if has_changes and blueprint.entity and blueprint.entity.name not in plan.mapping:
        return False  # prices of several things are no series of one
    return not plan.missing and (blueprint.sides is not None or any(targets))


@cache
def program_of(blueprint: Blueprint) -> FeatureProgram:
    return compile_program(blueprint, [target.name for target in blueprint.targets])


def features_of(blueprint: Blueprint, rows: Rows) -> Float32Array:
    program = program_of(blueprint)
    vocabulary = program.fit_vocabulary(random_rows(blueprint, seed=0))
    if blueprint.horizon_steps:
        parts = np.full(len(rows), Part.TEST, dtype=np.int8)
        rows = seen_ahead(rows, Ahead(blueprint.horizon_steps, 1, period=blueprint.period), parts)
    return program.transform(rows, program.cross([program.summarise(rows)]), vocabulary)[0]


@every_blueprint
def test_it_survives_json(blueprint: Blueprint) -> None:
    again = blueprint_from_json(blueprint_to_json(blueprint))
    assert again == blueprint
    assert blueprint_to_json(again) == blueprint_to_json(blueprint)


@every_blueprint
def test_every_page_has_its_text(blueprint: Blueprint) -> None:
    said = {
        name: getattr(blueprint, name)
        for name in ("id", "name", "category", "use_case", "who", "when", "what", "horizon")
    }
    said |= {f"column {each.name}": each.description for each in blueprint.columns}
    said |= {f"target {each.name}": each.description for each in blueprint.targets}
    said |= {f"output {each.name}": each.description for each in blueprint.output}
    said |= {f"limit {number}": text for number, text in enumerate(blueprint.limits)}
    assert [name for name, text in said.items() if not text.strip()] == []
    assert blueprint.baselines
    assert blueprint.output
    assert blueprint.limits


@every_blueprint
def test_no_name_stands_for_two_columns(blueprint: Blueprint) -> None:
    names = [name for column in blueprint.columns for name in column.names]
    names += [name for target in blueprint.targets for name in target.aliases]
    assert sorted({name for name in names if names.count(name) > 1} - shared(blueprint)) == []
    assert all(name == name.strip().lower() for name in names)


def shared(blueprint: Blueprint) -> set[str]:
    """A target of one column may go by that column's names."""
    return {
        name
        for target in blueprint.targets
        if target.columns == (target.name,)
        for name in blueprint.column(target.name).names
    }


@every_blueprint
def test_it_resolves_against_its_synthetic_data_and_keeps_every_row(
    blueprint: Blueprint, tmp_path: Path
) -> None:
    for name, table in tables_of(blueprint).items():
        dataset = ingested(blueprint, table, tmp_path / name)
        excluded = cast(dict[str, int], dataset.manifest["excluded"])
        kept = len(table) * (2 if blueprint.sides else 1) - sum(excluded.values())
        rows_kept = int(str(dataset.manifest["rows"]))
        assert rows_kept == kept or (blueprint.is_by_period and 0 < rows_kept < kept)
        assert dataset.manifest["quarantined"] == {}
        resolved = dataset.blueprint
        program = compile_program(resolved, [target.name for target in resolved.targets])
        rows = dataset.read_bucket(0)
        cross = program.cross([program.summarise(rows)])
        x, _ = program.transform(rows, cross, program.fit_vocabulary(rows))
        assert x.shape == (len(rows), len(program.names))


@pytest.mark.parametrize("name", SYNTHETIC)
def test_each_synthetic_data_set_belongs_to_a_blueprint(name: str) -> None:
    assert [each.id for each in blueprints() if name in tables_of(each)]


@every_blueprint
def test_data_without_a_required_column_are_refused(blueprint: Blueprint, tmp_path: Path) -> None:
    with pytest.raises(SchemaError):
        ingested(blueprint, pa.table({"unheard_of": [1, 2]}), tmp_path)


@every_blueprint
def test_no_feature_sees_its_own_outcome_or_the_future(blueprint: Blueprint) -> None:
    rows = random_rows(blueprint, seed=1)
    check = LeakCheck(
        lambda given: features_of(blueprint, given),
        program_of(blueprint).names,
        outcomes_of(blueprint),
    )
    instants = np.unique(rows.times)[[3, 20, 45]].tolist()
    assert_no_leak(check, rows, instants)


@every_blueprint
def test_every_feature_of_every_target_has_a_value_and_varies(blueprint: Blueprint) -> None:
    rows = random_rows(blueprint, seed=2)
    x = features_of(blueprint, rows)
    for target in blueprint.targets:
        names = [feature.name for feature in blueprint.features_for(target.name)]
        values = x[:, program_of(blueprint).positions(names)]
        is_known = np.isfinite(values)
        assert [n for n, known in zip(names, is_known.T, strict=True) if not known.any()] == []
        spread = np.nanmax(values, axis=0) - np.nanmin(values, axis=0)
        constant = [n for n, wide in zip(names, spread, strict=True) if wide == 0.0]
        assert constant == []


@every_blueprint
def test_every_field_of_the_answer_fits_every_target(blueprint: Blueprint) -> None:
    names = [field.name for field in blueprint.output]
    assert len(set(names)) == len(names)
    for target in blueprint.targets:
        unfit = {field.source for field in blueprint.output} - SOURCES[target.answer]
        assert unfit == set(), target.name
    if blueprint.sides is None:
        two_sided = {Source.COMPLEMENT, Source.DRAW}
        assert two_sided & {field.source for field in blueprint.output} <= {Source.COMPLEMENT}


@every_blueprint
def test_every_metric_can_be_fitted_and_every_baseline_read(blueprint: Blueprint) -> None:
    for target in blueprint.targets:
        names = tuple(feature.name for feature in blueprint.features_for(target.name))
        goal = objective(blueprint, target.name, names, ())
        assert np.isfinite(goal.losses(np.array([1.0]), np.array([0.5]))).all()
        read = [each.feature.replace("@target", target.name) for each in blueprint.baselines]
        assert [name for name in read if name and name not in names] == []


@every_blueprint
def test_every_candidate_can_be_fitted(blueprint: Blueprint) -> None:
    x = features_of(blueprint, random_rows(blueprint, seed=3))[::3]
    program = program_of(blueprint)
    target = blueprint.targets[0]
    goal = objective(blueprint, target.name, program.names, program.categorical)
    y = np.random.default_rng(0).integers(0, 2, len(x)).astype(np.float64)
    begun = [started(each, program.names, target.name) for each in blueprint.portfolio.pooled]
    pooled = [(each, Matrix(x, y)) for each in begun]
    own = [(each, Matrix(x, y, np.full(len(y), 0.1))) for each in blueprint.portfolio.entity]
    assert pooled
    for candidate, rows in (*pooled, *own):
        refuse_odd_settings(candidate)
        model = fit_candidate(goal.task, rows, None, candidate, Resources())
        assert np.isfinite(model.predict(rows.x, rows.offset)).all()


def refuse_odd_settings(candidate: Candidate) -> None:
    """Values that are no positive numbers; an unknown name is refused by the fit."""
    numbers = {name: value for name, value in candidate.params if name not in (START, RELATIVE)}
    odd = {name for name, value in numbers.items() if not float(value) > 0.0}
    assert odd == set()


@pytest.mark.parametrize("blueprint", blueprints(), ids=lambda each: each.id)
def test_names_and_statuses_say_something_and_one_thing(blueprint: Blueprint) -> None:
    for column in blueprint.columns:
        assert all(map(fold, all_names(column))), column.name
        said = column.statuses
        words = [fold(word) for text in (said.yes, said.no, said.open) for word in text.split()]
        assert len(words) == len(set(words)), column.name
        assert not without_null_words(pa.array(words, pa.string())).null_count, column.name
