"""Every model family against every promise of the contract; a new family adds no test."""

import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tracer_ray.blueprint import Answer
from tracer_ray.errors import BlueprintError, ReleaseError, TrainingError
from tracer_ray.families import FAMILIES, Family, Matrix, Model, Resources, Settings, Task, family
from tracer_ray.families.contract import Loss
from tracer_ray.metrics import metric

_NAMES = ("talent", "form", "noise", "team", "often_null")
_LOSSES: tuple[Loss, ...] = ("absolute", "squared", "log_loss")
_SMALL = {"random_forest": {"trees": 50}, "xgboost": {"rounds": 60}, "lightgbm": {"rounds": 60}}

each_family = pytest.mark.parametrize("name", FAMILIES)
each_loss = pytest.mark.parametrize("loss", _LOSSES)


def _task(loss: Loss) -> Task:
    answer = Answer.PROBABILITY if loss == "log_loss" else Answer.NUMBER
    return Task(answer, loss, _NAMES, categorical=(3,))


@cache
def _rows(loss: Loss, seed: int = 0, rows: int = 400) -> Matrix:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, len(_NAMES))).astype(np.float32)
    x[:, 3] = random.integers(-1, 4, rows)
    margin = 1.5 * x[:, 0] + x[:, 1] + np.where(x[:, 3] == 2, 1.5, 0.0)
    x[random.uniform(size=rows) < 0.3, 4] = np.nan
    x[random.uniform(size=rows) < 0.05, 1] = np.nan
    if loss == "log_loss":
        return Matrix(x, (random.uniform(size=rows) < 1 / (1 + np.exp(-margin))).astype(float))
    return Matrix(x, 10 + 3 * margin + random.normal(0, 1, rows))


def _settings(name: str) -> Settings:
    return _SMALL.get(name, {})


def _fit(
    name: str, loss: Loss, train: Matrix | None = None, resources: Resources | None = None
) -> Model:
    rows = _rows(loss) if train is None else train
    return family(name).fit(_task(loss), rows, None, _settings(name), resources or Resources())


@cache
def _fitted(name: str, loss: Loss) -> Model:
    return _fit(name, loss)


def _score(model: Model, rows: Matrix, loss: Loss) -> float:
    return metric({"absolute": "mae", "squared": "rmse"}.get(loss, loss)).score(
        rows.y, model.predict(rows.x, rows.offset)
    )


@each_family
@each_loss
def test_it_beats_the_constant_on_fresh_rows(name: str, loss: Loss) -> None:
    train, fresh = _rows(loss), _rows(loss, seed=1)
    constant = np.median(train.y) if loss == "absolute" else np.mean(train.y)
    measure = metric({"absolute": "mae", "squared": "rmse"}.get(loss, loss))
    baseline = measure.score(fresh.y, np.full(len(fresh), constant))
    assert _score(_fitted(name, loss), fresh, loss) < 0.8 * baseline


@each_family
@each_loss
def test_what_is_loaded_predicts_the_same_and_saves_the_same(name: str, loss: Loss) -> None:
    model, rows = _fitted(name, loss), _rows(loss, seed=1)
    loaded = family(name).load(model.to_bytes())
    np.testing.assert_array_equal(loaded.predict(rows.x), model.predict(rows.x))
    np.testing.assert_array_equal(loaded.importances(), model.importances())
    assert loaded.to_bytes() == model.to_bytes()
    assert loaded.rounds == model.rounds


@each_family
@each_loss
def test_the_same_seed_gives_the_same_bytes_on_any_threads(name: str, loss: Loss) -> None:
    one, two = (_fit(name, loss, None, Resources(threads, seed=7)) for threads in (1, 2))
    assert one.to_bytes() == two.to_bytes()
    rows = _rows(loss, seed=1)
    np.testing.assert_array_equal(one.predict(rows.x), two.predict(rows.x))


@each_family
@each_loss
def test_a_row_is_answered_alike_alone_and_among_others(name: str, loss: Loss) -> None:
    model, rows = _fitted(name, loss), _rows(loss, seed=1)
    together = model.predict(rows.x)
    alone = [model.predict(rows.x[i : i + 1])[0] for i in range(20)]
    np.testing.assert_array_equal(alone, together[:20])


@each_family
@each_loss
def test_contributions_add_up_to_the_prediction(name: str, loss: Loss) -> None:
    model, rows = _fitted(name, loss), _rows(loss, seed=1)
    parts = model.contributions(rows.x)
    predicted = model.predict(rows.x)
    if loss == "log_loss":
        predicted = np.log(predicted / (1 - predicted))
    assert parts.shape == (len(rows), len(_NAMES) + 1)
    np.testing.assert_allclose(parts.sum(axis=1), predicted, atol=2e-4)


@each_family
@each_loss
def test_importances_are_shares_and_find_the_signal(name: str, loss: Loss) -> None:
    importances = _fitted(name, loss).importances()
    assert importances.shape == (len(_NAMES),)
    assert importances.sum() == pytest.approx(1.0)
    assert importances.argmax() == 0
    assert importances[2] < 0.15


@each_family
@each_loss
def test_an_offset_is_where_the_model_starts(name: str, loss: Loss) -> None:
    chosen, task, rows = family(name), _task(loss), _rows(loss)
    margin = 1.5 * rows.x[:, 0].astype(np.float64)
    offset = margin if loss == "log_loss" else 10 + 3 * margin
    train = replace(rows, offset=offset)
    if not chosen.accepts_offset(task.answer):
        with pytest.raises(TrainingError, match=f"{name} can't start a .* from an offset"):
            chosen.fit(task, train, None, {}, Resources())
        return
    model = _fit(name, loss, train)
    assert _score(model, train, loss) < _score(_fit(name, loss), rows, loss) * 1.3
    assert model.importances()[0] < _fitted(name, loss).importances()[0]
    loaded = chosen.load(model.to_bytes())
    np.testing.assert_array_equal(loaded.predict(rows.x, offset), model.predict(rows.x, offset))
    _moves_with_the_offset(model, rows, offset)
    for wrong in (loaded.predict, model.predict):
        with pytest.raises(ValueError, match="fitted with an offset; predict with one"):
            wrong(rows.x)


def _moves_with_the_offset(model: Model, rows: Matrix, offset: np.ndarray) -> None:
    before, after = model.predict(rows.x, offset), model.predict(rows.x, offset + 1.0)
    if ((before > 0) & (before < 1)).all():
        before, after = (np.log(p / (1 - p)) for p in (before, after))
    np.testing.assert_allclose(after, before + 1.0, atol=1e-3)


@each_family
def test_an_offset_that_was_not_fitted_is_refused(name: str) -> None:
    rows = _rows("squared")
    with pytest.raises(ValueError, match="fitted without an offset"):
        _fitted(name, "squared").predict(rows.x, rows.y)


@each_family
@each_loss
def test_validation_rows_stop_boosting_early_and_rounds_can_be_pinned(
    name: str, loss: Loss
) -> None:
    chosen, rows = family(name), _rows(loss)
    ranges = {each.name for each in chosen.ranges}
    settings = {"rounds": 500, "learning_rate": 0.3} if "rounds" in ranges else {}
    model = chosen.fit(_task(loss), rows, _rows(loss, seed=2), settings, Resources())
    if "rounds" not in ranges:
        assert model.rounds == 0
        return
    assert 0 < model.rounds < 500
    pinned = chosen.fit(_task(loss), rows, None, {**settings, "rounds": model.rounds}, Resources())
    assert pinned.rounds == model.rounds
    np.testing.assert_allclose(pinned.predict(rows.x), model.predict(rows.x), rtol=1e-5)


@each_family
@each_loss
def test_weights_count_as_repeated_rows_would(name: str, loss: Loss) -> None:
    rows = _rows(loss)
    high = rows.y > np.median(rows.y) if loss != "log_loss" else rows.y > 0.5
    light = _fit(name, loss, replace(rows, weight=np.where(high, 0.2, 1.0)))
    heavy = _fit(name, loss, replace(rows, weight=np.where(high, 5.0, 1.0)))
    if (name, loss) != ("random_forest", "absolute"):
        assert heavy.predict(rows.x).mean() > light.predict(rows.x).mean()


@each_family
@each_loss
def test_degenerate_rows_still_give_a_finite_model(name: str, loss: Loss) -> None:
    x = np.full((30, len(_NAMES)), np.nan, dtype=np.float32)
    x[:, 0] = 1.0
    model = _fit(name, loss, Matrix(x, np.ones(30)))
    wild = np.full((3, len(_NAMES)), 1e30, dtype=np.float32)
    for given in (x[:3], wild):
        predicted = model.predict(given)
        assert np.isfinite(predicted).all()
        assert predicted == pytest.approx(1.0, abs=0.35)


@each_family
@each_loss
def test_values_beyond_the_training_range_do_not_explode(name: str, loss: Loss) -> None:
    rows = _rows(loss)
    wild = rows.x.copy()
    wild[:, :3] *= 1e6
    predicted = _fitted(name, loss).predict(wild)
    spread = np.ptp(rows.y)
    assert predicted.min() > rows.y.min() - spread
    assert predicted.max() < rows.y.max() + spread


@each_family
def test_fitting_changes_nothing_it_was_given(name: str) -> None:
    rows = _rows("squared")
    x, y = rows.x.copy(), rows.y.copy()
    _fit(name, "squared").predict(rows.x)
    np.testing.assert_array_equal(rows.x, x)
    np.testing.assert_array_equal(rows.y, y)


@each_family
def test_defaults_lie_inside_the_search_space(name: str) -> None:
    for each in family(name).ranges:
        assert each.low <= each.default <= each.high, each
        assert each.low > 0 or not each.is_log, each


@each_family
def test_an_unknown_setting_names_the_known_ones(name: str) -> None:
    with pytest.raises(TrainingError, match=f"{name} has no setting 'dept'; it has "):
        family(name).fit(_task("squared"), _rows("squared"), None, {"dept": 3}, Resources())


@each_family
def test_damaged_bytes_are_a_release_error(name: str) -> None:
    good = _fitted(name, "squared").to_bytes()
    for bad in (b"", b"nonsense", good[: len(good) // 2]):
        with pytest.raises(ReleaseError):
            family(name).load(bad)


@each_family
def test_nothing_is_printed(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    model = _fit(name, "log_loss")
    family(name).load(model.to_bytes()).predict(_rows("log_loss").x)
    assert capfd.readouterr() == ("", "")


@each_family
def test_the_family_knows_its_own_name(name: str) -> None:
    chosen: Family = family(name)
    assert chosen.name == name


def test_an_unknown_family_names_the_known_ones() -> None:
    with pytest.raises(BlueprintError, match="no model family 'svm'; there are elastic_net"):
        family("svm")


def test_the_loss_must_fit_the_answer() -> None:
    with pytest.raises(TrainingError, match="loss 'log_loss' does not fit the answer 'number'"):
        Task(Answer.NUMBER, "log_loss", ("a",))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_outcome_that_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(TrainingError, match="null or infinite"):
        Matrix(np.zeros((1, 1), dtype=np.float32), np.array([bad]))


def test_naming_the_families_imports_no_heavy_library() -> None:
    code = (
        "import sys, tracer_ray.families; "
        "print(sorted({'lightgbm', 'xgboost', 'sklearn', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
