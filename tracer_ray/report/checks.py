"""What a run did to find itself out, in words."""

from collections.abc import Iterator

from tracer_ray.report.contents import Control, Optimism, TargetReport
from tracer_ray.report.html import Html, element, join, number


def render_checks(report: TargetReport) -> Html:
    """A sentence per check; nothing where none was made."""
    said = tuple(describe_checks(report))
    if not said:
        return Html("")
    return join([element("h3", "Checks"), *(element("p", each) for each in said)])


def describe_checks(report: TargetReport) -> Iterator[str]:
    """The checks of one target as sentences."""
    figures = report.figures
    if report.checks.control:
        yield _describe_control(report.checks.control)
    if report.checks.optimism:
        test = figures.pooled[figures.metric]
        yield _describe_optimism(report.checks.optimism, figures.metric, test)


def _describe_control(control: Control) -> str:
    outcome = (
        "it knows something that it can't know, so trust no figure of this target"
        if control.has_skill
        else "it knows nothing, as it must be"
    )
    gain = f"{number(control.gain, 4)} ± {number(control.error, 4)}"
    return (
        f"Where outcomes are shuffled a model gains {gain} over a constant on "
        f"{control.rows:,} validation rows: {outcome}."
    )


def _describe_optimism(optimism: Optimism, metric: str, test: float) -> str:
    return (
        f"The best of {optimism.candidates} candidates has {metric} {number(optimism.best, 4)} on "
        f"the rows it was chosen on. Such a choice has {number(optimism.corrected, 4)} on other "
        f"rows of the same time (bootstrap), and the pooled model has {number(test, 4)} on test "
        "rows. The first step is the luck of having been chosen, the second the change of times."
    )
