"""`tracer blueprints` and `tracer blueprint`: what can be predicted, and what it needs."""

from collections.abc import Iterator

from tracer_ray.archive import blueprint as find
from tracer_ray.archive import blueprints as find_all
from tracer_ray.blueprint import Blueprint as Definition
from tracer_ray.blueprint import Choice
from tracer_ray.blueprint_page import found_as
from tracer_ray.cli.app import Blueprint, Json, Set, app, settings_of
from tracer_ray.cli.output import print_facts, print_json, print_table


@app.command()
def blueprints(as_json: Json = False) -> None:
    """List every blueprint."""
    rows = [
        {"id": each.id, "category": each.category, "who": each.who, "predicts": each.what}
        for each in find_all()
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(rows)


@app.command()
def blueprint(blueprint: Blueprint, settings: Set = None, as_json: Json = False) -> None:
    """Explain one blueprint: what it predicts, what it needs, what it answers, what can be set."""
    definition = find(blueprint, settings_of(settings))
    parameters = list(_parameters(definition))
    if as_json:
        tables = {"columns": list(_columns(definition)), "parameters": parameters}
        print_json(_summary(definition) | tables)
        return
    print_facts(_summary(definition))
    if parameters:
        print_table(parameters, "Parameters (--set parameter=value)")
    print_table(
        list(_columns(definition)), "Columns (any of the names will do, or the column's own)"
    )
    print_table(
        [{"field": each.name, "meaning": each.description} for each in definition.output], "Answer"
    )


def _summary(definition: Definition) -> dict[str, object]:
    return {
        "id": definition.id,
        "also known as": "; ".join(f"{a.id}: {a.reason}" for a in definition.aliases),
        "name": definition.name,
        "category": definition.category,
        "use case": definition.use_case,
        "who": definition.who,
        "when": definition.when,
        "predicts": definition.what,
        "how far ahead": definition.horizon,
        "targets": ", ".join(target.name for target in definition.targets),
        "judged by": definition.metric,
        "beside": ", ".join(baseline.name for baseline in definition.baselines),
        "minimum history": f"{definition.minimum_history} rows; below, {definition.below_minimum}",
        "never used": "; ".join(
            f"{', '.join(leak.names)}: {leak.reason}" for leak in definition.leaks
        ),
        "limits": " ".join(definition.limits),
    }


def _columns(definition: Definition) -> Iterator[dict[str, str]]:
    """Every input column, and what it is found as beside its own name."""
    for column in definition.columns:
        yield {
            "column": column.name,
            "kind": str(column.kind),
            "role": str(column.role),
            "required": "yes" if column.required else "",
            "found as": found_as(definition, column),
            "meaning": column.description,
        }


def _parameters(definition: Definition) -> Iterator[dict[str, str]]:
    """Every parameter, its value here, and what it may be."""
    settings = dict(definition.settings)
    for parameter in definition.parameters:
        for choice in parameter.choices or (Choice("", "any text"),):
            is_set = settings[parameter.name] == choice.value or not parameter.choices
            yield {
                "parameter": parameter.name,
                "value": choice.value or settings[parameter.name],
                "set": "yes" if is_set else "",
                "meaning": f"{parameter.description}: {choice.meaning}",
            }
