"""`tracer plan`: what a training run would do and cost."""

from tracer_ray.archive import blueprint as find
from tracer_ray.cli.app import (
    DEFAULT_HOME,
    Address,
    Blueprint,
    Home,
    Json,
    Set,
    Sources,
    app,
    settings_of,
)
from tracer_ray.cli.output import print_facts, print_json, print_table
from tracer_ray.cli.training import Budget, Mapping, MaxCandidates, Targets, mapping_of


@app.command()
def plan(
    blueprint: Blueprint,
    data: Sources,
    target: Targets = None,
    home: Home = DEFAULT_HOME,
    budget: Budget = "standard",
    max_candidates: MaxCandidates = 0,
    mapping: Mapping = None,
    settings: Set = None,
    address: Address = "",
    as_json: Json = False,
) -> None:
    """Say what training would do, how long it takes and how much memory; trains nothing."""
    from tracer_ray.engine.ingest import IngestOptions
    from tracer_ray.engine.planning import forecast
    from tracer_ray.engine.run_plan import TrainingRequest
    from tracer_ray.engine.session import start_ray

    start_ray(address or None)
    request = TrainingRequest(
        blueprint=find(blueprint, settings_of(settings)),
        sources=tuple(data),
        home=home,
        targets=tuple(target or ()),
        budget=budget,
        most_candidates=max_candidates,
        ingest=IngestOptions(mapping=mapping_of(mapping)),
    )
    found = forecast(request)
    if as_json:
        print_json(found.to_json())
        return
    shown = ("entities", "rows", "targets", "trials", "candidates", "cpus")
    facts = found.to_json()
    print_facts(
        {name: facts[name] for name in shown}
        | {
            "time": f"{found.seconds:.0f} s, judged by {found.basis}",
            "memory": f"{found.memory_bytes / 2**30:.1f} GB",
            "disk": _disk(found.disk_bytes, found.disk_free_bytes),
        }
    )
    print_table([{"stage": each.stage, "seconds": each.seconds} for each in found.costs])


def _disk(needed_bytes: int, free_bytes: int | None) -> str:
    """
    >>> _disk(3 << 29, 1 << 30), _disk(1 << 28, None)
    ('1.5 GB, MORE THAN the 1.0 GB that are free', '0.2 GB')
    """
    needed = f"{needed_bytes / 2**30:.1f} GB"
    if free_bytes is None:
        return needed
    more = "MORE THAN" if free_bytes < needed_bytes else "of"
    return f"{needed}, {more} the {free_bytes / 2**30:.1f} GB that are free"
