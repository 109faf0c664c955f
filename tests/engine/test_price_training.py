"""A price response goes the whole way on Ray: trained, released, reported, answered."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from blueprints.price_elasticity import PRICE_ELASTICITY
from tests.small_releases import QUICK
from tracer_ray.engine.progress import LineProgress
from tracer_ray.engine.run_plan import TrainingRequest
from tracer_ray.engine.train import train
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.releases.release import Release
from tracer_ray.synthetic import weekly_prices
from tracer_ray.training.responses import METRIC

PRODUCTS = 12


@pytest.fixture(scope="module")
def release(ray_session: None, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A small release of two years of weeks."""
    folder: Path = tmp_path_factory.mktemp("prices")
    made = weekly_prices(products=PRODUCTS, weeks=104, seed=2)
    pq.write_table(made.rows, folder / "sales.parquet")
    blueprint = replace(PRICE_ELASTICITY, portfolio=QUICK)
    request = TrainingRequest(
        blueprint, (str(folder / "sales.parquet"),), str(folder / "home"), budget="small"
    )
    return train(request, LineProgress())


def test_every_product_has_a_response_near_its_true_elasticity(release: Release) -> None:
    truth = weekly_prices(products=PRODUCTS, weeks=104, seed=2).truth["elasticity"]
    found = {each.owner: each for each in release.responses()}
    errors = [
        found[f"product-{number:04d}"].elasticity - true
        for number, true in enumerate(truth.to_pylist()[:PRODUCTS])
    ]
    assert float(np.sqrt(np.mean(np.square(errors)))) < 0.5


def test_the_figures_say_what_the_price_is_worth_on_later_rows(release: Release) -> None:
    figures = release.manifest.figures["quantity_sold"]
    assert figures.ours[METRIC] < figures.baseline[METRIC]
    assert b"price_rmse" in release.read("report/index.html")


def test_the_release_answers_with_a_recommendation(release: Release) -> None:
    (said,) = Predictor.open(release.uri).answer([{"product_id": "product-0001"}])
    assert isinstance(said, dict)
    assert said["optimal_price"] is not None
    assert said["refusal"] is None


def test_the_report_shows_the_reaction_to_prices(release: Release) -> None:
    page = release.read("report/index.html").decode()
    assert "Reaction to the price" in page
    assert "product-0000" in page
