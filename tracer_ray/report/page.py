"""The report's page: everything in one file that asks the network for nothing."""

from collections.abc import Iterator, Mapping

from tracer_ray.report.contents import TargetReport, TrainingReport
from tracer_ray.report.html import Html, element, join, number, percent, table
from tracer_ray.report.style import STYLE
from tracer_ray.report.target import render_target


def render_page(report: TrainingReport) -> str:
    """The whole page as one self-contained HTML document."""
    from plotly.offline import get_plotlyjs

    head = element(
        "head",
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width">'),
        Html('<link rel="icon" href="data:,">'),
        element("title", report.title),
        element("style", Html(STYLE)),
        element("script", Html(get_plotlyjs())),
    )
    body = element("body", element("main", *_parts(report)))
    return "<!doctype html>\n" + element("html", head, body, lang="en")


def _parts(report: TrainingReport) -> Iterator[Html]:
    yield element("h1", report.title)
    yield element("p", report.use_case, class_="soft")
    yield _facts(report)
    if report.warnings:
        warnings = (element("li", warning) for warning in report.warnings)
        yield element("ul", *warnings, class_="warnings")
    if len(report.targets) > 1:
        yield _overview(report.targets)
    for position, target in enumerate(report.targets):
        yield render_target(target, position, report.entity_name)
    yield element("h2", "This run")
    yield element("div", _costs(report), _left_out(report), class_="pair")
    yield _limits(report)
    yield _reproduce(report)


def _facts(report: TrainingReport) -> Html:
    span = (
        f"{report.data_from[:10]} to {report.data_until[:10]}" if report.data_until else "no time"
    )
    facts = {
        "blueprint": report.blueprint,
        "data": span,
        "rows": f"{report.rows:,}",
        f"{report.entity_name} count": f"{report.entities:,}",
        "time": f"{number(sum(cost.seconds for cost in report.costs), 0)} s",
        "made": report.created[:16].replace("T", " ") + " UTC",
    }
    cells = (
        element("div", element("dl", element("dt", name), element("dd", value)))
        for name, value in facts.items()
    )
    return element("div", *cells, class_="facts")


def _overview(targets: tuple[TargetReport, ...]) -> Html:
    head = ("target", "", "metric", "ours", "pooled", "baseline", "skill", "test rows")
    rows = (
        _overview_row(target, element("a", target.target, href=f"#target-{position}"))
        for position, target in enumerate(targets)
    )
    return element("div", table(head, rows, text_columns=3), class_="wide")


def _overview_row(target: TargetReport, link: Html) -> tuple[str, ...]:
    figures = target.figures
    scores = (figures.ours, figures.pooled, figures.baseline)
    return (
        link,
        "beats every baseline" if target.has_edge else "no edge",
        figures.metric,
        *(number(each[figures.metric], 4) for each in scores),
        percent(target.skill(figures.ours)),
        f"{figures.rows:,}",
    )


def _costs(report: TrainingReport) -> Html:
    rows = [
        (cost.stage, number(cost.seconds, 1), number(cost.cpu_seconds, 1)) for cost in report.costs
    ]
    seconds = sum(cost.seconds for cost in report.costs)
    cpu = sum(cost.cpu_seconds for cost in report.costs)
    rows.append(("all", number(seconds, 1), number(cpu, 1)))
    costs = table(("stage", "seconds", "CPU seconds"), rows)
    return element("div", element("h3", "Time and cost"), costs, class_="wide")


def _left_out(report: TrainingReport) -> Html:
    return element(
        "div",
        element("h3", "Rows left out"),
        *_counts("excluded by the blueprint", report.excluded),
        *_counts("quarantined", report.quarantined),
        class_="wide",
    )


def _counts(what: str, counts: Mapping[str, int]) -> Iterator[Html]:
    if not counts:
        yield element("p", f"No row was {what}.", class_="soft")
        return
    yield table((what, "rows"), ((reason, f"{count:,}") for reason, count in counts.items()))


def _limits(report: TrainingReport) -> Html:
    if not report.limits:
        return Html("")
    limits = (element("li", limit) for limit in report.limits)
    return join([element("h3", "What it can't know"), element("ul", *limits)])


def _reproduce(report: TrainingReport) -> Html:
    versions = ", ".join(f"{name} {version}" for name, version in sorted(report.versions.items()))
    return join(
        [
            element("h3", "How to reproduce"),
            element("pre", "\n".join(report.reproduce)),
            element(
                "p",
                f"Data {report.dataset_uri}, fingerprint {report.dataset_fingerprint}; "
                f"seed {report.seed}; {versions}.",
                class_="soft",
            ),
            element(
                "footer",
                "Every number is from the test rows unless it says otherwise. The same numbers are "
                "in summary.json, entities.csv and the Parquet files beside this page.",
                class_="soft",
            ),
        ]
    )
