"""A blueprint as a page of Markdown, and the index of all: written from what is declared."""

from collections.abc import Iterator, Sequence

from tracer_ray.blueprint import Answer, Blueprint, Column, Role, Statuses, Target, Wording
from tracer_ray.features import ROW_OPS
from tracer_ray.splits import Basis, basis_of

_NOTE = "Written by `make docs` from the declaration; do not edit."
_CALIBRATION_ROWS = 200  # below, uncertainty/calibration.py leaves probabilities as they are
_SPLITS = {
    Basis.DAY: "forward in time",
    Basis.ORDER: "forward in the order in which the rows stand",
    Basis.HASH: "at random, by a stable hash of the row",
}
_SYNTHETIC = (
    "Nothing yet on real data. It is held to its contract on rows made from this declaration "
    "(`tracer_ray/synthetic/declared.py`), whose truth is known."
)


def index_page(blueprints: Sequence[Blueprint]) -> str:
    """The index: every blueprint with what it predicts, by category."""
    lines = ["# Blueprints", "", _NOTE, ""]
    for category in sorted({each.category for each in blueprints}):
        lines += [f"## {category[:1].upper()}{category[1:]}", "", "| id | who | predicts |"]
        lines.append("|---|---|---|")
        lines += [
            f"| [{each.id}]({each.id}.md) | {each.who} | {each.what} |"
            for each in blueprints
            if each.category == category
        ]
        lines.append("")
    return "\n".join(lines)


def blueprint_page(blueprint: Blueprint, measured: str = "") -> str:
    """One blueprint's page; `measured` is Markdown about its figures on named data."""
    sections = (
        ("What it predicts", _facts(blueprint)),
        ("Parameters", _parameters(blueprint)),
        ("Input", _inputs(blueprint)),
        ("Never used", _leaks(blueprint)),
        ("Answer", _answer(blueprint)),
        ("Data it needs", _needs(blueprint)),
        ("How it is made", _making(blueprint)),
        ("Measured", measured or _SYNTHETIC),
        ("Limits", "\n".join(f"- {limit}" for limit in blueprint.limits)),
        ("Use it", _use(blueprint)),
    )
    body = [f"## {title}\n\n{text}\n" for title, text in sections if text]
    head = f"# {blueprint.name}\n\n`{blueprint.id}`. {blueprint.use_case}\n\n{_NOTE}\n"
    return "\n".join([head, *body])


def _facts(blueprint: Blueprint) -> str:
    facts = {
        "who": blueprint.who,
        "when": blueprint.when,
        "what": blueprint.what,
        "how far ahead": blueprint.horizon,
    }
    same = "".join(f"\n\nAlso known as `{each.id}`: {each.reason}." for each in blueprint.aliases)
    return _table(("", ""), ((name, said) for name, said in facts.items())) + same


def _parameters(blueprint: Blueprint) -> str:
    if not blueprint.parameters:
        return ""
    rows = (
        (
            f"`{each.name}`",
            each.description,
            "; ".join(f"`{choice.value}`: {choice.meaning}" for choice in each.choices)
            or "any text",
            f"`{each.default}`",
        )
        for each in blueprint.parameters
    )
    example = blueprint.parameters[0]
    chosen = example.values[-1] if example.values else example.default
    return (
        _table(("parameter", "what it decides", "values", "default"), rows)
        + f"\n\nThis page is about the defaults; `--set {example.name}={chosen}` sets another."
    )


def _inputs(blueprint: Blueprint) -> str:
    rows = (
        (
            f"`{column.name}`",
            str(column.kind),
            column.role.value + (", **required**" if column.required else ""),
            column.description + (f" ({column.unit})" if column.unit else ""),
            found_as(blueprint, column),
        )
        for column in blueprint.columns
    )
    table = _table(("column", "kind", "role", "meaning", "found as"), rows)
    more = (
        "\n\nFurther columns are taken as known beforehand and become features."
        if blueprint.extra_columns_known
        else ""
    )
    return table + more


def found_as(blueprint: Blueprint, column: Column) -> str:
    """The other names of a column; both sides' where a match carries it twice."""
    if blueprint.sides and column.name == blueprint.sides.home:
        return f"home or away, told by {', '.join(blueprint.sides.home_told_by)}"
    pairs = blueprint.sides.pairs if blueprint.sides else ()
    for pair in pairs:
        if pair.column == column.name:
            both = zip(pair.first, pair.second, strict=False)
            return ", ".join(f"{first}/{second}" for first, second in both)
    said = [", ".join(column.aliases)] if column.aliases else []
    said += [f"{_how(each)}: {', '.join(each.names)}" for each in column.wordings]
    said += [f"{way}: {words}" for way, words in _statuses(column.statuses) if words]
    said += [f"{', '.join(o.names)} beyond {', '.join(o.planned)}" for o in column.overruns]
    if column.way:
        told = f"by {', '.join(column.way.told_by)}, or by their sign"
        said.append(f"one way of {', '.join(column.way.amounts)}, told {told}")
    if column.counted_by:
        said.append(f"one for each: {', '.join(column.counted_by)}")
    return "; ".join(said)


def _how(wording: Wording) -> str:
    if wording.filled is not None:
        return "filled in" if wording.filled else "left empty"
    return "the opposite" if wording.above is None else f"above {wording.above:g}"


def _statuses(said: Statuses) -> Iterator[tuple[str, str]]:
    for way, words in (("yes", said.yes), ("no", said.no), ("not known yet", said.open)):
        yield f"values for {way}", ", ".join(each.replace("_", " ") for each in words.split())


def _leaks(blueprint: Blueprint) -> str:
    return "\n".join(f"- {', '.join(leak.names)}: {leak.reason}." for leak in blueprint.leaks)


def _answer(blueprint: Blueprint) -> str:
    rows = (
        (f"`{field.name}`", field.description + (f" ({field.unit})" if field.unit else ""))
        for field in blueprint.output
    )
    decisions = [_decision(target) for target in blueprint.targets if target.decision]
    return "\n\n".join([_table(("field", "meaning"), rows), *decisions, *_protocols(blueprint)])


def _protocols(blueprint: Blueprint) -> list[str]:
    """What is recommended for which reasons, where that is declared."""
    rows = ((each.kind, ", ".join(each.words), each.advice) for each in blueprint.protocols)
    head = ("kind", "words of the features' names", "protocol by default")
    return [_table(head, rows)] if blueprint.protocols else []


def _decision(target: Target) -> str:
    decision = target.decision
    if decision is None:
        return ""
    bands = "; ".join(
        f"{band.name} from {band.times_threshold * decision.threshold:.3g}"
        for band in decision.bands
    )
    return (
        f"The threshold is {decision.threshold:.3g}: {decision.reason}. At or above it the class "
        f"is `{decision.positive}`, below it `{decision.negative}`. Risk is {bands}."
    )


def _needs(blueprint: Blueprint) -> str:
    required = [f"`{column.name}`" for column in blueprint.columns if column.required]
    lines = [f"- Required: {', '.join(required)}; anything else is used where it is there."]
    share = blueprint.split.calibration
    if any(target.answer is Answer.PROBABILITY for target in blueprint.targets):
        least = round(_CALIBRATION_ROWS / share)
        lines.append(
            f"- {least:,} rows or more, so that {share:.0%} of them can correct the probabilities; "
            "with fewer the model's own are answered."
        )
    if blueprint.owner:
        lines.append(
            f"- {blueprint.minimum_history} rows of a {blueprint.owner.name} for a model of its "
            f"own; below, {blueprint.below_minimum}."
        )
    if blueprint.entity is None and blueprint.role(Role.ROW):
        lines.append("- Rows without an id are told apart by their content.")
    return "\n".join(lines)


def _making(blueprint: Blueprint) -> str:
    split = blueprint.split
    parts = ", ".join(
        f"{share:.0%} {name}"
        for share, name in (
            (split.validation, "validation"),
            (split.calibration, "calibration"),
            (split.test, "test"),
        )
    )
    is_optional = blueprint.time is not None and not blueprint.time.required
    without = _SPLITS[Basis.ORDER if blueprint.row_order_is_time else Basis.HASH]
    how = _SPLITS[basis_of(blueprint)] + (f"; without a time {without}" if is_optional else "")
    families = dict.fromkeys(each.family for each in blueprint.portfolio.pooled)
    past = sum(feature.op not in ROW_OPS for feature in blueprint.features)
    return "\n".join(
        [
            f"- Judged by {blueprint.metric} beside "
            f"{', '.join(baseline.name for baseline in blueprint.baselines)}.",
            f"- Split {how}: {parts}, the rest training.",
            f"- {len(blueprint.features)} declared features, {past} of them of the past.",
            f"- Tried first, in this order: {', '.join(families)}.",
            *_response(blueprint),
        ]
    )


def _response(blueprint: Blueprint) -> list[str]:
    """How the response to a price is estimated, where one is declared."""
    response = blueprint.response
    if response is None:
        return []
    held = ", ".join(f"`{name}`" for name in response.controls) or "nothing"
    return [
        f"- Elasticities: log `{response.target}` on log `{response.price}` with {held} and the "
        "calendar held fixed, drawn to what all entities show "
        "([how and why](../architecture.md#"
        "a-response-to-a-price-is-estimated-beside-the-forecast))."
    ]


def _use(blueprint: Blueprint) -> str:
    return (
        f"```bash\ntracer train {blueprint.id} --data FOLDER\n"
        f'tracer promote {blueprint.id} --reason "first release"\n'
        f"tracer serve {blueprint.id}\n```"
    )


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
