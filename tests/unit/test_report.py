"""The report says what the numbers say, escapes what users wrote, and needs no network."""

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from plotly.graph_objects import Figure
from sklearn.calibration import calibration_curve

from tracer_ray.blueprint import Answer
from tracer_ray.releases.manifest import Figures
from tracer_ray.releases.tables import EntityRecord, Level
from tracer_ray.report import (
    CandidateResult,
    Checks,
    Control,
    Optimism,
    Outcomes,
    StageCost,
    TargetReport,
    TrainingReport,
    render_report,
)
from tracer_ray.report.summaries import coverage, level_shares, reliability, spread
from tracer_ray.report.target import target_charts, verdict

ATTACK = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
RANDOM = np.random.default_rng(5)


def entity(owner: str, level: Level, ours: float, rows: int = 10, error: str = "") -> EntityRecord:
    skill = 1 - ours / 5.0
    return EntityRecord(
        "points",
        owner,
        f"Player {owner}",
        level,
        "why",
        100,
        tried=3,
        test_ours=ours,
        test_pooled=4.5,
        test_baseline=5.0,
        test_rows=rows,
        skill=skill,
        error=error,
    )


def numbers(rows: int = 400) -> TargetReport:
    predicted = RANDOM.gamma(4, 4, rows)
    probability = RANDOM.uniform(0.1, 0.9, rows)
    is_over = (RANDOM.random(rows) < probability).astype(float)
    return TargetReport(
        target="points",
        answer=Answer.NUMBER,
        description="points in the next game",
        unit="count",
        figures=Figures("mae", rows, "t", {"mae": 4.5, "crps": 3.2}, {"mae": 4.6}, {"mae": 5.0}),
        baselines={"season average": {"mae": 5.0}, "exponential average": {"mae": 4.8}},
        outcomes=Outcomes(
            RANDOM.poisson(predicted).astype(float),
            predicted,
            pit=RANDOM.random(rows),
            over_probability=probability,
            is_over=is_over,
        ),
        entities=tuple(entity(str(owner), Level.POOLED, 4 + owner / 20) for owner in range(30)),
        candidates=(CandidateResult("lightgbm", {"num_leaves": 31}, 4.4, True, 1.5),),
        importance={"points_mean_10": 0.7, "rest_days": 0.3},
    )


def probabilities(rows: int = 400) -> TargetReport:
    predicted = RANDOM.uniform(0, 1, rows)
    actual = (RANDOM.random(rows) < predicted).astype(float)
    return TargetReport(
        target="churned",
        answer=Answer.PROBABILITY,
        description="the customer leaves",
        unit="",
        figures=Figures(
            "log_loss", rows, "t", {"log_loss": 0.7}, {"log_loss": 0.7}, {"log_loss": 0.6}
        ),
        baselines={"base rate": {"log_loss": 0.6}},
        outcomes=Outcomes(actual, predicted, uncalibrated=predicted**2),
        entities=(replace(entity("", Level.POOLED, 4.5), label=""),),
        candidates=(),
        importance={},
    )


def run(*targets: TargetReport) -> TrainingReport:
    return TrainingReport(
        title="Player props",
        blueprint="player_props",
        use_case="Price a statistic.",
        created="2026-11-21T12:00:00+00:00",
        data_from="2020-10-20",
        data_until="2023-04-09",
        dataset_uri="data",
        dataset_fingerprint="0123",
        rows=1234567,
        entity_name="player",
        entities=30,
        seed=7,
        targets=targets,
        warnings=("take care",),
        limits=("no injuries",),
        excluded={"did not play": 61234},
        quarantined={"minutes is no number": 12},
        costs=(StageCost("fleet", 10.0, 19.0),),
        versions={"lightgbm": "4.7.0"},
        reproduce=("tracer train player_props --seed 7",),
    )


def page(report: TrainingReport) -> str:
    """The page without the charts library, whose source would drown every search."""
    text = render_report(report)["index.html"].decode()
    return re.sub(r"<script>/\*\*.*?</script>", "", text, count=1, flags=re.DOTALL)


def test_a_leak_that_the_control_found_and_the_luck_of_the_best_are_said() -> None:
    checked = Checks(Control(0.2, 0.01, 1000), Optimism(4, 4.4, 4.43))
    said = page(run(replace(numbers(), checks=checked)))
    assert "it knows something that it can&#x27;t know" in said
    assert "The best of 4 candidates has mae 4.4000 on" in said
    sound = page(run(replace(numbers(), checks=Checks(Control(-0.02, 0.01, 1000)))))
    assert "it knows nothing, as it must be" in sound
    assert "best of 4 candidates" not in sound
    assert "<h3>Checks</h3>" not in page(run(numbers()))


class Elements(HTMLParser):
    """Every start tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_shows_each_number_beside_its_baselines() -> None:
    text = page(run(numbers()))
    for expected in ("4.5000", "4.6000", "5.0000", "4.8000", "10.0\u00a0%", "1,234,567", "61,234"):
        assert expected in text
    assert "tracer train player_props --seed 7" in text
    assert "Best of 1 on validation rows" in text
    assert "tried 90 more" in text


def test_the_verdict_names_the_best_baseline_and_says_no_edge_plainly() -> None:
    assert verdict(numbers()) == (
        "Ours beats every baseline; the best is exponential average: mae 4.5000 against 4.8000 "
        "on 400 test rows. Skill over season average 10.0\u00a0%."
    )
    assert verdict(probabilities()) == (
        "No edge: ours does not beat base rate: log_loss 0.7000 against 0.6000 on 400 test rows."
    )


def test_being_between_two_baselines_is_no_edge() -> None:
    target = numbers()
    worse = replace(target, baselines={**target.baselines, "last value": {"mae": 4.4}})
    assert verdict(worse).startswith("No edge: ours does not beat last value")


def test_nothing_is_asked_from_the_network() -> None:
    elements = Elements(page(run(numbers(), probabilities()))).found
    links = {attributes.get("src") or attributes.get("href") for _, attributes in elements}
    assert links <= {None, "data:,", "#target-0", "#target-1"}


def test_text_of_users_is_escaped_everywhere() -> None:
    record = entity(ATTACK, Level.POOLED, 4.5, error=ATTACK)
    target = replace(
        numbers(),
        target=ATTACK,
        description=ATTACK,
        unit=ATTACK,
        entities=(replace(record, label=ATTACK),),
        importance={ATTACK: 1.0},
        baselines={ATTACK: {"mae": 5.0}},
        candidates=(CandidateResult(ATTACK, {ATTACK: ATTACK}, 1.0, True, 1.0),),
    )
    hostile = replace(
        run(target, replace(probabilities(), target=ATTACK)),
        title=ATTACK,
        blueprint=ATTACK,
        use_case=ATTACK,
        dataset_uri=ATTACK,
        entity_name=ATTACK,
        warnings=(ATTACK,),
        limits=(ATTACK,),
        reproduce=(ATTACK,),
        excluded={ATTACK: 1},
        quarantined={ATTACK: 1},
    )
    text = page(hostile)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert not [tag for tag, _ in Elements(text).found if tag == "img"]


def test_every_chart_is_valid_for_plotly() -> None:
    charts = [*target_charts(numbers()), *target_charts(probabilities())]
    assert [chart.title for chart in charts] == [
        "Predicted against actual",
        "Where outcomes fell (PIT)",
        "Reliability of going over a line",
        "Skill by entity",
        "Feature importance",
        "Predicted against actual",
        "Reliability",
    ]
    for chart in charts:
        Figure(data=list(chart.traces), layout=dict(chart.layout))  # raises on an unknown property


def test_thousands_of_entities_keep_the_page_small() -> None:
    many = tuple(entity(str(owner), Level.POOLED, 4.5) for owner in range(5000))
    files = render_report(run(*(replace(numbers(20_000), entities=many) for _ in range(7))))
    assert len(files["index.html"]) < 6_000_000
    assert len(pq.read_table(io.BytesIO(files["entities.parquet"]))) == 35_000


def test_failures_are_counted_by_reason_and_named() -> None:
    failed = entity("x", Level.POOLED, 4.5, error="only 3 training rows")
    text = page(run(replace(numbers(), entities=(failed, entity("y", Level.ENTITY, 4.0)))))
    assert "1 of 2 entities failed: Player x." in text
    assert "only 3 training rows" in text


def test_the_files_hold_the_numbers_of_the_page() -> None:
    files = render_report(run(numbers(), probabilities()))
    summary = json.loads(files["summary.json"])
    assert summary["targets"]["points"]["ours"] == {"mae": 4.5, "crps": 3.2}
    assert summary["targets"]["churned"]["has_edge"] is False
    assert summary["costs"] == [{"stage": "fleet", "seconds": 10.0, "cpu_seconds": 19.0}]
    table = pyarrow.csv.read_csv(io.BytesIO(files["entities.csv"]))
    assert table.num_rows == 31
    curves = pq.read_table(io.BytesIO(files["reliability.parquet"]))["curve"].to_pylist()
    assert set(curves) == {
        "calibrated",
        "before calibration",
        "over a line",
        "predicted against actual",
    }
    importance = pq.read_table(io.BytesIO(files["importance.parquet"])).to_pylist()
    assert importance[0] == {"target": "points", "feature": "points_mean_10", "share": 0.7}


def test_unknown_numbers_are_null_in_json() -> None:
    target = replace(numbers(), entities=(EntityRecord("points", "a", "", Level.POOLED, "", 3),))
    text = render_report(run(target))["summary.json"].decode()
    assert "NaN" not in text
    assert json.loads(text)["targets"]["points"]["levels"][0]["ours"] is None


def test_empty_parts_leave_their_charts_out() -> None:
    empty = np.empty(0)
    target = replace(numbers(), outcomes=Outcomes(empty, empty), entities=(), importance={})
    assert list(target_charts(target)) == []
    assert "No entity failed." in page(run(target))


def test_reliability_agrees_with_scikit_learn() -> None:
    probability = RANDOM.random(1000)
    outcome = (RANDOM.random(1000) < probability).astype(float)
    found = reliability(probability, outcome)
    observed, predicted = calibration_curve(outcome, probability, n_bins=10, strategy="quantile")
    np.testing.assert_allclose(found.outcome, observed, atol=0.02)
    np.testing.assert_allclose(found.forecast, predicted, atol=0.01)
    assert found.rows.tolist() == [100] * 10


def test_wilsons_interval_is_the_published_one() -> None:
    """Newcombe 1998, table 1: 81 of 263 gives 0.2553 to 0.3662."""
    outcome = np.repeat([1.0, 0.0], [81, 182])
    found = reliability(np.full(263, 0.3), outcome)
    assert found.low[0] == pytest.approx(0.2553, abs=5e-5)
    assert found.high[0] == pytest.approx(0.3662, abs=5e-5)


def test_probabilities_that_are_all_the_same_are_one_group() -> None:
    found = reliability(np.full(50, 0.3), np.zeros(50))
    assert found.rows.tolist() == [50]
    assert found.high[0] > 0


def test_spread_holds_eight_of_ten_outcomes() -> None:
    found = spread(np.zeros(101), np.arange(101.0))
    assert (found.outcome[0], found.low[0], found.high[0]) == (50.0, 10.0, 90.0)


def test_coverage_counts_central_intervals() -> None:
    assert coverage(np.array([0.01, 0.06, 0.2, 0.5])) == {0.5: 0.25, 0.8: 0.5, 0.9: 0.75}


def test_levels_weigh_entities_by_their_test_rows() -> None:
    records = (
        entity("a", Level.POOLED, 4.0, rows=30),
        entity("b", Level.POOLED, 8.0, rows=10),
        entity("c", Level.BLEND, 3.0, rows=5),
    )
    pooled, blend = level_shares(records)
    assert (pooled.level, pooled.entities, pooled.test_rows, pooled.ours) == ("pooled", 2, 40, 5.0)
    assert (blend.level, blend.entities, blend.ours) == ("blend", 1, 3.0)
