"""What one target's models say of rows, as the values that a blueprint's output names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tracer_ray.blueprint import Answer, Source
from tracer_ray.decision import Decision
from tracer_ray.prediction.betting import judge, market
from tracer_ray.prediction.next_rows import NextRows
from tracer_ray.prediction.requests import Controls
from tracer_ray.prediction.target_models import Said, TargetModels
from tracer_ray.prediction.window import windows
from tracer_ray.releases.tables import Level
from tracer_ray.rows import FloatArray
from tracer_ray.uncertainty.distribution import Distribution
from tracer_ray.uncertainty.tails import tails, volatility
from tracer_ray.uncertainty.uncertainty import INTERVAL_COVERAGE

DECIMALS = 6


@dataclass(frozen=True)
class Output:
    """What is said for one question; sources that don't apply are absent.

    `odds` are the decimal odds that the bet was judged at, None without a line.
    """

    level: Level
    values: Mapping[Source, object]
    odds: Mapping[str, float | bool] | None = None


@dataclass(frozen=True)
class _Columns:
    """Values per source and question, as they are computed."""

    values: dict[Source, list[object]] = field(default_factory=dict)

    def add(self, source: Source, values: FloatArray) -> None:
        """Rounded, as plain numbers or lists of them."""
        self.values[source] = np.round(values, DECIMALS).tolist()

    def of(self, question: int) -> dict[Source, object]:
        """The values of one question."""
        return {source: values[question] for source, values in self.values.items()}


def outputs(
    models: TargetModels, said: Said, rows: NextRows, controls: Sequence[Controls]
) -> list[Output]:
    """Everything that can be said of questions about one target.

    `said` is what its models say of the questions' views, `controls` what is asked of each.
    """
    ours, columns = said.take(rows.first), _Columns()
    columns.add(Source.BASELINE, ours.baseline)
    if models.answer is Answer.PROBABILITY:
        _add_probabilities(columns, models, said, rows)
        columns.values[Source.SCORE] = columns.values[Source.PROBABILITY]
        return [Output(level, columns.of(place)) for place, level in enumerate(ours.levels)]
    columns.add(Source.VALUE, ours.ours)
    columns.values[Source.SCORE] = columns.values[Source.VALUE]
    distribution = models.uncertainty.distribution
    if distribution is None:
        return [Output(level, columns.of(place)) for place, level in enumerate(ours.levels)]
    columns.add(Source.INTERVAL, distribution.interval(ours.ours, INTERVAL_COVERAGE, ours.spread))
    if distribution.has_negative:
        columns.add(Source.ABOVE_ZERO, distribution.over(ours.ours, 0.0, ours.spread))
    if models.tails:
        _add_tails(columns, models, ours)
    chances = _chances(distribution, ours, controls)
    return [
        _with_bet(Output(level, columns.of(place)), controls[place], chances.get(place))
        for place, level in enumerate(ours.levels)
    ]


def _add_probabilities(columns: _Columns, models: TargetModels, said: Said, rows: NextRows) -> None:
    ours = said.ours[rows.first]
    if not rows.is_meeting:
        yes = models.uncertainty.calibrate(ours)
        no = 1.0 - yes
        columns.add(Source.CONFIDENCE, np.maximum(yes, no))
    else:
        theirs = said.ours[rows.second]
        yes, no = (models.uncertainty.calibrate(*pair) for pair in ((ours, theirs), (theirs, ours)))
        draw = np.clip(1.0 - (yes + no), 0.0, 1.0)
        columns.add(Source.DRAW, draw)
        columns.add(Source.CONFIDENCE, np.maximum(np.maximum(yes, no), draw))
    columns.add(Source.PROBABILITY, yes)
    columns.add(Source.COMPLEMENT, no)
    if models.decision:
        _add_decisions(columns, models.decision, yes)
        columns.values[Source.WINDOW] = list(windows(models, yes, rows))


def _add_tails(columns: _Columns, models: TargetModels, said: Said) -> None:
    distribution = models.uncertainty.distribution
    assert distribution is not None
    columns.add(Source.VOLATILITY, volatility(distribution, said.ours, said.spread))
    found = tails(distribution, said.ours, said.spread, models.tails)
    both = (
        (Source.VALUE_AT_RISK, [tail.value_at_risk for tail in found]),
        (Source.EXPECTED_SHORTFALL, [tail.expected_shortfall for tail in found]),
    )
    for source, losses in both:
        rows = np.round(np.array(losses), DECIMALS).T.tolist()
        columns.values[source] = [dict(zip(models.tails, row, strict=True)) for row in rows]


def _add_decisions(columns: _Columns, decision: Decision, probability: FloatArray) -> None:
    columns.add(Source.THRESHOLD, np.full(len(probability), decision.threshold))
    columns.values[Source.THRESHOLD_REASON] = [decision.reason] * len(probability)
    columns.values[Source.CLASS] = list(decision.classes(probability))
    columns.values[Source.RISK] = list(decision.risks(probability))


def _chances(
    distribution: Distribution, said: Said, controls: Sequence[Controls]
) -> dict[int, tuple[float, float]]:
    """The probabilities of going over and of staying under, of the questions with a line."""
    lined = {place: each.line for place, each in enumerate(controls) if each.line is not None}
    if not lined:
        return {}
    asked, lines = said.take(np.array(list(lined))), np.array(list(lined.values()), np.float64)
    over = np.round(distribution.over(asked.ours, lines, asked.spread), DECIMALS).tolist()
    under = np.round(distribution.under(asked.ours, lines, asked.spread), DECIMALS).tolist()
    return dict(zip(lined, zip(over, under, strict=True), strict=True))


def _with_bet(output: Output, asked: Controls, chances: tuple[float, float] | None) -> Output:
    if chances is None:
        return output
    over, under = chances
    odds = market(asked.over_odds, asked.under_odds)
    bet = judge(over, under, odds)
    values = {
        Source.OVER: over,
        Source.UNDER: under,
        Source.RECOMMENDATION: bet.recommendation,
        Source.CONFIDENCE: bet.confidence,
        Source.EXPECTED_VALUE: round(bet.expected_value, DECIMALS),
    }
    return Output(output.level, {**output.values, **values}, dict(vars(odds)))
