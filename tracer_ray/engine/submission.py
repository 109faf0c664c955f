"""Submitting a command as a Ray job: little to upload, its log as it comes, its exit status."""

import asyncio
import logging
import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tracer_ray.engine.session import WORKER_ENVIRONMENT
from tracer_ray.errors import TrainingError
from tracer_ray.working_dir import EXCLUDES

if TYPE_CHECKING:
    from ray.job_submission import JobSubmissionClient

DEFAULT_ADDRESS = "http://127.0.0.1:8265"
TOKEN_FILE = Path(".ray", "auth_token")
# names and places only: credentials of a job would stand in the dashboard for all to read
PASSED_ON = ("TRACER_HOME", "MLFLOW_TRACKING_URI", "AWS_ENDPOINT_URL", "AWS_REGION")
FAILURE = 2


def submit(command: str, arguments: Sequence[str], address: str, say: Callable[[str], None]) -> int:
    """Run `jobs/<command>.py` on the cluster; says its log, and gives its exit status.

    TrainingError where the job can't be submitted.
    """
    job = Path("jobs", f"{command}.py")
    if not job.is_file():
        raise TrainingError(f"no {job} in {Path.cwd()}: submit from the project's root")
    present_token()

    from ray.job_submission import JobSubmissionClient

    logging.getLogger("ray").setLevel(logging.ERROR)  # it names every file that it leaves out
    try:
        client = JobSubmissionClient(address or os.environ.get("RAY_DASHBOARD", DEFAULT_ADDRESS))
        submitted = client.submit_job(
            entrypoint=shlex.join(["python", str(job), *arguments]), runtime_env=runtime_env()
        )
    except (ConnectionError, RuntimeError) as error:
        raise TrainingError(
            f"the job can't be submitted: {error}; is the head running, and its token in "
            f"~/{TOKEN_FILE}?"
        ) from error
    say(f"event=submitted job={submitted}")
    asyncio.run(_follow(client, submitted, say))
    info = client.get_job_info(submitted)
    if info.status == "SUCCEEDED":
        return 0
    reason, _, _ = (info.message or "").partition(", last available logs")  # said as they came
    say(f"event=job_ended job={submitted} status={info.status} message={reason!r}")
    return info.driver_exit_code or FAILURE


def runtime_env() -> dict[str, object]:
    """What the job takes along: the code of this folder, and where the home is."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {
        "working_dir": str(Path.cwd()),
        "excludes": list(EXCLUDES),
        "env_vars": WORKER_ENVIRONMENT | passed,
    }


def present_token() -> None:
    """Let Ray's client send the token where there is one; without the mode it sends none."""
    if (Path.home() / TOKEN_FILE).exists() or "RAY_AUTH_TOKEN" in os.environ:
        os.environ.setdefault("RAY_AUTH_MODE", "token")


async def _follow(client: "JobSubmissionClient", job: str, say: Callable[[str], None]) -> None:
    async for lines in client.tail_job_logs(job):
        for line in lines.splitlines():
            say(line)
