"""The part of the page about one target's entities: who answers, best and worst, failures."""

from collections import Counter

from tracer_ray.releases.tables import EntityRecord
from tracer_ray.report.contents import TargetReport
from tracer_ray.report.html import Html, element, join, number, percent, table
from tracer_ray.report.summaries import LevelShare, judged, level_shares

LEAST_TEST_ROWS = 20
SHOWN_ENTITIES = 8
SHOWN_FAILURES = 20
_LEVEL_NAMES = {
    "entity": "its own model",
    "blend": "its own model blended with the pooled one",
    "pooled": "the pooled model",
    "baseline": "the baseline",
}


def render_levels(report: TargetReport) -> Html:
    """Which level answers for how many entities, and how it did on their test rows."""
    shares = level_shares(report.entities)
    total = sum(share.entities for share in shares) or 1
    metric = report.figures.metric
    head = ("answered by", "entities", "", "test rows", metric, "pooled", "baseline")
    return join(
        [
            element("h3", "What answers"),
            element(
                "div", table(head, (_level_row(each, total) for each in shares)), class_="wide"
            ),
            element("p", _help_of_own_models(shares), class_="soft"),
        ]
    )


def render_extremes(report: TargetReport, entity_name: str) -> Html:
    """The entities of the highest and the lowest skill, side by side."""
    known = judged(report.entities, LEAST_TEST_ROWS)
    if not known:
        return element("p", "No entity has enough test rows to be judged alone.", class_="soft")
    if len(known) < 2 * SHOWN_ENTITIES:
        return _extreme("By skill", known, entity_name)
    best, worst = known[:SHOWN_ENTITIES], known[: -SHOWN_ENTITIES - 1 : -1]
    note = (
        f"Of {len(known):,} with at least {LEAST_TEST_ROWS} test rows; the extremes of many are "
        "partly luck."
    )
    return join(
        [
            element(
                "div",
                _extreme(f"Best {SHOWN_ENTITIES} by skill", best, entity_name),
                _extreme(f"Worst {SHOWN_ENTITIES} by skill", worst, entity_name),
                class_="pair",
            ),
            element("p", note, class_="soft"),
        ]
    )


def render_failures(records: tuple[EntityRecord, ...]) -> Html:
    """How many trials failed, for which reasons, and the first of them by name."""
    failed = [record for record in records if record.error]
    if not failed:
        return element("p", "No entity failed.", class_="soft")
    reasons = Counter(record.error for record in failed)
    shown = failed[:SHOWN_FAILURES]
    names = ", ".join(_name(record) for record in shown)
    more = f" and {len(failed) - len(shown)} more (entities.csv)" if failed[len(shown) :] else ""
    rows = ((reason, f"{count:,}") for reason, count in reasons.most_common(SHOWN_FAILURES))
    return join(
        [
            element("p", f"{len(failed):,} of {len(records):,} entities failed: {names}{more}."),
            table(("reason", "entities"), rows),
        ]
    )


def _name(record: EntityRecord) -> str:
    return record.label or record.owner or "all rows"


def _level_row(share: LevelShare, total: int) -> tuple[str, ...]:
    width = f"width:{round(180 * share.entities / total)}px"
    return (
        _LEVEL_NAMES[share.level],
        f"{share.entities:,}  ({100 * share.entities / total:.0f} %)",
        element("span", "", class_="bar", style=width),
        f"{share.test_rows:,}",
        number(share.ours),
        number(share.pooled),
        number(share.baseline),
    )


def _help_of_own_models(shares: tuple[LevelShare, ...]) -> str:
    own = [share for share in shares if share.level in ("entity", "blend")]
    rows = sum(share.test_rows for share in own)
    if not rows:
        return "No entity's own model was better than the pooled model, so none is used."
    ours = sum(share.ours * share.test_rows for share in own) / rows
    pooled = sum(share.pooled * share.test_rows for share in own) / rows
    effect = "better" if ours < pooled else "not better"
    return (
        f"Where own models take part they were {effect} than the pooled model on the test rows: "
        f"{number(ours)} against {number(pooled)}."
    )


def _extreme(title: str, records: tuple[EntityRecord, ...], entity_name: str) -> Html:
    head = (entity_name, "level", "skill", "ours", "baseline", "rows")
    rows = (
        (
            _name(record),
            str(record.level),
            percent(record.skill),
            number(record.test_ours),
            number(record.test_baseline),
            f"{record.test_rows:,}",
        )
        for record in records
    )
    return element("div", element("h3", title), table(head, rows, text_columns=2), class_="wide")
