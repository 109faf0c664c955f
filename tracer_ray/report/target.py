"""The part of the page about one target."""

from collections.abc import Iterable, Iterator

import numpy as np

from tracer_ray.blueprint import Answer
from tracer_ray.cross_section import is_order_known
from tracer_ray.releases.manifest import Scores
from tracer_ray.report.charts import (
    Chart,
    importance_chart,
    outcome_chart,
    pit_chart,
    reliability_chart,
    render_chart,
    skill_chart,
    spread_chart,
)
from tracer_ray.report.checks import render_checks
from tracer_ray.report.contents import CandidateResult, TargetReport
from tracer_ray.report.fleet import render_extremes, render_failures, render_levels
from tracer_ray.report.html import Html, element, join, number, percent, table
from tracer_ray.report.responses import render_responses
from tracer_ray.report.summaries import coverage, judged, reliability, spread

SHOWN_CANDIDATES = 10
SMALLEST_FLEET = 5


def render_target(report: TargetReport, position: int, entity_name: str) -> Html:
    """Headline, charts, entities, candidates and failures of one target."""
    charts = (
        render_chart(chart, f"chart-{position}-{index}")
        for index, chart in enumerate(target_charts(report))
    )
    return element(
        "section",
        element("h2", report.target, id=f"target-{position}"),
        element("p", report.description + (f" ({report.unit})." if report.unit else ".")),
        element("p", verdict(report), class_="verdict" if report.has_edge else "verdict none"),
        _headline(report),
        _order(report),
        _coverage(report),
        element("div", *charts, class_="pair"),
        render_levels(report),
        render_extremes(report, entity_name),
        render_responses(report.responses),
        _candidates(report),
        render_checks(report),
        element("h3", "Failures"),
        render_failures(report.entities),
    )


def verdict(report: TargetReport) -> str:
    """Plain words: whether ours beat the best baseline on rows nobody had seen."""
    figures, name = report.figures, report.best_baseline
    numbers = (
        f"{figures.metric} {number(figures.ours[figures.metric], 4)} against "
        f"{number(report.baselines[name][figures.metric], 4)} on {figures.rows:,} test rows"
    )
    if report.standing:
        pooled = number(figures.pooled[figures.metric], 4)
        return (
            f"No edge, so the baseline answers: {report.standing}. On test rows {numbers}; the "
            f"pooled model would have had {pooled}."
        )
    if report.has_edge:
        skill = percent(report.skill(figures.ours))
        first = next(iter(report.baselines))
        return (
            f"Ours beats every baseline; the best is {name}: {numbers}. Skill over {first} {skill}."
        )
    return f"No edge: ours does not beat {name}: {numbers}."


def target_charts(report: TargetReport) -> Iterator[Chart]:
    """The charts that the target's test rows and entities allow."""
    outcomes = report.outcomes
    if report.answer is not Answer.PROBABILITY and len(outcomes.actual):
        yield spread_chart(spread(outcomes.predicted, outcomes.actual), report.unit)
    elif len(outcomes.actual):
        yield outcome_chart(outcomes.predicted, outcomes.actual)
    yield from _calibration_charts(report)
    skills = np.array([record.skill for record in judged(report.entities)])
    if len(skills) >= SMALLEST_FLEET:
        yield skill_chart(skills)
    if any(report.importance.values()):
        yield importance_chart(report.importance)


def _calibration_charts(report: TargetReport) -> Iterator[Chart]:
    outcomes = report.outcomes
    note = "On the dotted line what is said comes true as often as said. Bars: 95 %."
    if report.answer is Answer.PROBABILITY and len(outcomes.actual):
        curves = {"calibrated": reliability(outcomes.predicted, outcomes.actual)}
        if len(outcomes.uncalibrated):
            curves["before calibration"] = reliability(outcomes.uncalibrated, outcomes.actual)
        yield reliability_chart("Reliability", note, curves)
    if len(outcomes.pit):
        yield pit_chart(outcomes.pit)
    if len(outcomes.is_over):
        curves = {"over": reliability(outcomes.over_probability, outcomes.is_over)}
        yield reliability_chart("Reliability of going over a line", note, curves)


def _headline(report: TargetReport) -> Html:
    figures = report.figures
    named = {"ours": figures.ours, "pooled model": figures.pooled, **report.baselines}
    names = _metric_names(figures.metric, named.values())
    rows = (
        (
            name if name not in report.baselines else f"baseline: {name}",
            *(number(scores.get(metric, float("nan")), 4) for metric in names),
            percent(report.skill(scores)),
            f"{figures.rows:,}",
        )
        for name, scores in named.items()
    )
    head = ("forecast", *names, "skill", "test rows")
    return element("div", table(head, rows), class_="wide headline")


def _metric_names(first: str, scores: Iterable[Scores]) -> tuple[str, ...]:
    """Every metric that anything was scored on, the blueprint's own first."""
    names = dict.fromkeys((first, *(name for each in scores for name in each)))
    return tuple(name for name in names if name != "skill")


def _order(report: TargetReport) -> Html:
    """Whether rows of a day are put in order, where they are ranked."""
    scores = dict(report.figures.pooled)
    if "rank_correlation" not in scores:
        return Html("")
    mean, error = (number(scores[f"rank_correlation{each}"], 4) for each in ("", "_error"))
    found = "" if is_order_known(scores) else "not "
    return element(
        "p",
        f"Order within a day: the pooled model's rank correlation with outcomes is {mean} +- "
        f"{error}, {found}above zero beyond chance (one-sided, 95 %, days as observations).",
    )


def _coverage(report: TargetReport) -> Html:
    if not len(report.outcomes.pit):
        return Html("")
    parts = (
        f"{percent(nominal, 0)} interval: {percent(found)}"
        for nominal, found in coverage(report.outcomes.pit).items()
    )
    return element("p", f"Outcomes inside the predicted interval. {'; '.join(parts)}.")


def _candidates(report: TargetReport) -> Html:
    if not report.candidates:
        return Html("")
    ordered = sorted(report.candidates, key=lambda each: (not each.is_chosen, each.validation_loss))
    tried = sum(record.tried for record in report.entities)
    note = (
        f"Best of {len(report.candidates)} on validation rows; the test rows were not used to "
        f"choose. The entities' own searches tried {tried:,} more."
    )
    head = ("family", "settings", "", f"validation {report.figures.metric}", "seconds")
    rows = [_candidate_row(each) for each in ordered[:SHOWN_CANDIDATES]]
    return join(
        [
            element("h3", "Candidates of the pooled model"),
            element("p", note, class_="soft"),
            element("div", table(head, rows, text_columns=3), class_="wide"),
        ]
    )


def _candidate_row(candidate: CandidateResult) -> tuple[str, ...]:
    settings = ", ".join(f"{name} {value}" for name, value in sorted(candidate.settings.items()))
    return (
        candidate.family,
        settings,
        "chosen" if candidate.is_chosen else "",
        number(candidate.validation_loss, 4),
        number(candidate.seconds, 1),
    )
