"""The written pages say what is declared and measured, and nothing else."""

import json

import pytest

from evaluation.blueprint_pages import FOLDER, pages
from evaluation.cases import CASES
from evaluation.page import PAGE, RESULTS, Result, page, read_results, table
from tracer_ray.archive import blueprints

WRITTEN = {file.name: text for file, text in pages()}


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_every_page_is_up_to_date(name: str) -> None:
    found = (FOLDER / name).read_text(encoding="utf-8")
    assert found == WRITTEN[name], "run `make docs`"


def test_no_page_is_of_a_blueprint_that_is_gone() -> None:
    assert {file.name for file in FOLDER.iterdir()} == set(WRITTEN)


def test_the_evaluation_is_up_to_date_with_its_results() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(read_results()), "run `make docs`"


def test_every_case_is_of_a_known_blueprint_and_was_run() -> None:
    known = {each.id for each in blueprints()}
    assert {case.blueprint for case in CASES} <= known
    assert set(json.loads(RESULTS.read_text(encoding="utf-8"))) == {case.name for case in CASES}


def test_a_page_says_which_names_are_found_and_which_are_never_used() -> None:
    text = WRITTEN["lead_scoring.md"]
    assert "lead_source, utm_source" in text
    assert "- duration, call_duration" in text
    assert "**required**" in text


def test_a_page_says_what_the_threshold_is_and_why() -> None:
    text = WRITTEN["customer_churn.md"]
    assert "The threshold is 0.167: a miss is taken to cost 5 times a false alarm" in text


def test_scores_stand_below_their_forecasts() -> None:
    scores = {"auc": 0.75, "log_loss": 0.5}
    result: Result = {
        "metric": "log_loss",
        "rows": 1200,
        "positives": 100,
        "split": "random, by hash",
        "scores": {"baseline": {"auc": 0.5, "log_loss": 0.6}, "ours": scores},
    }
    assert table(result).splitlines() == [
        "| test rows: 1,200 | Tracer | baseline |",
        "|---|---|---|",
        "| AUC | 0.75 | 0.5 |",
        "| log loss | 0.5 | 0.6 |",
    ]
