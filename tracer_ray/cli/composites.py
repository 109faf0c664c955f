"""`tracer composite create`, `learn`, `list`, `show`, `predict` and `delete`."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracer_ray.cli.app import DEFAULT_HOME, Home, Json, Sources, app
from tracer_ray.cli.output import print_facts, print_json, print_table
from tracer_ray.cli.prediction import Fields, request_of
from tracer_ray.errors import CompositeError

if TYPE_CHECKING:
    from tracer_ray.composites.combination import Combination

composites = typer.Typer(help="Several predictions of one entity, and which actions pay.")
app.add_typer(composites, name="composite", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="the composite's id")]
Components = Annotated[str, typer.Option(help="blueprint ids with commas between them")]
Objective = Annotated[
    str,
    typer.Option(
        help="maximize_revenue_N_months, maximize_profit_N_months or minimize_loss_N_months"
    ),
]
Values = Annotated[
    list[str] | None,
    typer.Option(
        "--value", help="component=AMOUNT, or =FIELD of the request that has it", metavar="A=B"
    ),
]
Periods = Annotated[
    list[str] | None,
    typer.Option(
        "--period", help="component=MONTHS that one prediction is about", metavar="A=MONTHS"
    ),
]
Stakes = Annotated[
    list[str] | None,
    typer.Option(
        "--stake", help="component=ends_revenue, adds_revenue, ...; default: its blueprint's"
    ),
]
Actions = Annotated[
    list[str] | None,
    typer.Option("--action", help="a JSON object with name, component, cost, effect"),
]
Margin = Annotated[float | None, typer.Option(help="share of sales that is profit")]
Replace = Annotated[bool, typer.Option("--replace", help="replace one of the same id")]


@composites.command()
def create(
    composite: Id,
    components: Components,
    objective: Objective,
    value: Values = None,
    period: Periods = None,
    stake: Stakes = None,
    action: Actions = None,
    margin: Margin = None,
    replace: Replace = False,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Store a composite; a running service answers it within seconds."""
    from tracer_ray.composites.draft import draft
    from tracer_ray.composites.store import write_composite

    names = [each.strip() for each in components.split(",") if each.strip()]
    said: dict[str, Mapping[str, object]] = {
        "value": {name: _amount_or_field(text) for name, text in _pairs("value", value)},
        "period_months": {name: _number("period", text) for name, text in _pairs("period", period)},
        "stake": dict(_pairs("stake", stake)),
    }
    actions = [_object(each) for each in action or ()]
    made = draft(composite, _terms(names, said), objective, actions, margin)
    place = write_composite(home, made, is_replacing=replace)
    if as_json:
        print_json({"id": made.id, "document": place})
    else:
        print(f"{made.id} is stored in {place}; next: tracer composite predict {made.id} FIELD=...")


@composites.command()
def learn(
    composite: Id,
    data: Sources,
    target: Annotated[str, typer.Option(help="the column of what became of a row")],
    time: Annotated[str, typer.Option(help="the column of when a row is asked about")] = "",
    horizon_days: Annotated[float, typer.Option(help="days until an outcome is known")] = 0.0,
    home: Home = DEFAULT_HOME,
    as_json: Json = False,
) -> None:
    """Learn to weigh the components on an outcome, from rows that no release was fitted to."""
    from tracer_ray.composites.combined import judged_facts
    from tracer_ray.notebook import learn_composite, read

    learned = learn_composite(
        composite, read(*data), target, time=time, horizon_days=horizon_days, home=home
    )
    if as_json:
        said = {"weights": dict(learned.together.weights), **judged_facts(learned)}
        print_json({"id": composite, "is_kept": learned.is_kept, **said})
    else:
        _show_learned(learned)


@composites.command("list")
def list_all(home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """List the composites of a home."""
    from tracer_ray.composites.store import composite_ids, read_composite

    found = [read_composite(home, name) for name in composite_ids(home)]
    rows: list[dict[str, object]] = [
        {
            "id": each.id,
            "objective": each.objective,
            "components": ", ".join(each.names),
            "actions": len(each.actions),
        }
        for each in found
    ]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, "Composites" if rows else "No composite yet")


@composites.command()
def show(composite: Id, home: Home = DEFAULT_HOME) -> None:
    """Print the document of a composite, which is JSON."""
    from tracer_ray.composites.definition import composite_to_json
    from tracer_ray.composites.store import read_composite

    print(composite_to_json(read_composite(home, composite)).decode())


@composites.command()
def predict(
    composite: Id, fields: Fields, home: Home = DEFAULT_HOME, as_json: Json = False
) -> None:
    """Ask all components of a composite at once, and weigh its actions."""
    from tracer_ray.composites.model import CompositeModel
    from tracer_ray.composites.store import read_composite

    answer = CompositeModel.open(read_composite(home, composite), home).predict(request_of(fields))
    if as_json:
        print_json(answer)
    else:
        _show(answer)


@composites.command()
def delete(composite: Id, home: Home = DEFAULT_HOME, as_json: Json = False) -> None:
    """Forget a composite; its components and their releases stay."""
    from tracer_ray.composites.store import delete_composite

    delete_composite(home, composite)
    if as_json:
        print_json({"id": composite, "is_deleted": True})
    else:
        print(f"{composite} is deleted")


def _show(answer: Mapping[str, Any]) -> None:
    """What to do, what it brings, the risk, and who did not answer."""
    protocols = answer["recommended_protocols"]
    if protocols:
        shown = ("action", "component", "expected_impact", "cost", "net_impact", "confidence")
        print_table([{name: each[name] for name in shown} for each in protocols], "What pays")
    else:
        print("Do nothing: no action is known to bring more than it costs")
    for each in answer["not_recommended"]:
        print(f"not {each['action']} ({each['component']}): {each['reason']}")
    risk, price = answer["risk_assessment"], answer["optimal_price"] or {}
    total = answer["expected_impact"] or {}
    print_facts(
        {
            "net impact": total.get("net_impact"),
            "90 % interval": total.get("interval"),
            "risk": risk["level"],
            "expected loss": (risk["expected_loss"] or {}).get("amount"),
            "best price": price.get("price"),
        }
    )
    for name, each in answer["components"].items():
        if each["status"] != "answered":
            print(f"{name} does not answer ({each['status']}): {each['reason']}")
    for each in answer["assumptions"]:
        print(f"assumed: {each}")


def _show_learned(learned: "Combination") -> None:
    """What everything lost on the judged rows, and whether the combination answers."""
    judgement = learned.judgement
    rows: list[dict[str, object]] = [
        {"who": "combination", "weight": None, "loss": judgement.loss, "gain": None, "error": None}
    ]
    for name, each in judgement.rivals.items():
        weight = learned.together.weights.get(name)
        told = {"loss": each.loss, "gain": each.gain, "error": each.error}
        rows.append({"who": name, "weight": weight, **told})
    metric = learned.scales.outcome.metric.replace("_", " ")
    print_table(rows, f"{metric} on {judgement.judged} rows, and what the combination gains")
    print(f"{'kept: ' if learned.is_kept else ''}{learned.verdict}")


def _pairs(option: str, words: Sequence[str] | None) -> list[tuple[str, str]]:
    """Components and what is said of them; CompositeError for a word without an equals sign."""
    parted = [word.partition("=") for word in words or ()]
    for name, equals, _ in parted:
        if not equals:
            raise CompositeError(f"--{option} {name!r}: expected component=...")
    return [(name, text) for name, _, text in parted]


def _terms(
    names: Sequence[str], said: Mapping[str, Mapping[str, object]]
) -> dict[str, dict[str, object]]:
    """What is said of each component, by its name; CompositeError for one that is none."""
    strangers = sorted({name for each in said.values() for name in each} - set(names))
    if strangers:
        raise CompositeError(f"{strangers[0]!r} is no component; there is {', '.join(names)}")
    if len(set(names)) < len(names):
        raise CompositeError(f"--components {','.join(names)}: one is named twice")
    return {
        name: {term: each[name] for term, each in said.items() if name in each} for name in names
    }


def _amount_or_field(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise CompositeError(f"--{option} {text!r}: expected a number") from error


def _object(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise CompositeError(f"--action {text!r} is no JSON object: {error}") from error
    if not isinstance(found, dict):
        raise CompositeError(f"--action {text!r}: expected a JSON object")
    return found
