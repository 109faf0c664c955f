"""`tracer doctor` and `tracer submit`: before a cluster is used, and using it."""

from pathlib import Path
from typing import Annotated

import typer

from tracer_ray.cli.app import DEFAULT_HOME, Address, Home, Json, app
from tracer_ray.cli.output import print_json, print_table

PROBLEMS = 1  # the exit status of a doctor who found something to do
JOBS = ("ingest", "train", "promote", "score")
Job = Annotated[str, typer.Argument(help=f"what to run: {', '.join(JOBS)}")]
Dashboard = Annotated[
    str, typer.Option("--dashboard", help="the head's dashboard, such as http://127.0.0.1:8265")
]
REST = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command()
def doctor(home: Home = DEFAULT_HOME, address: Address = "", as_json: Json = False) -> None:
    """Look for what will go wrong, each with its remedy; exits with 1 where there is any."""
    from tracer_ray.engine.doctor import examine
    from tracer_ray.engine.session import start_ray

    start_ray(address or None)
    findings = examine(home, Path.cwd())
    if as_json:
        print_json([each.to_json() for each in findings])
    else:
        print_table(
            [{"check": each.check, "found": each.found, "remedy": each.remedy} for each in findings]
        )
    if not all(each.is_well for each in findings):
        raise typer.Exit(PROBLEMS)


@app.command(context_settings=REST)
def submit(context: typer.Context, job: Job, dashboard: Dashboard = "") -> None:
    """Run a command as a job on a cluster: `tracer submit train churn --data s3://BUCKET/rows`."""
    from tracer_ray.engine.submission import submit as run

    status = run(job, context.args, dashboard, lambda line: print(line, flush=True))
    raise typer.Exit(status)
