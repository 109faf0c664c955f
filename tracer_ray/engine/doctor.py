"""Looking for what will go wrong: versions, storage, address, dashboard, threads, upload."""

import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any, cast

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from tracer_ray import storage
from tracer_ray.engine.session import WORKER_ENVIRONMENT
from tracer_ray.errors import StorageError
from tracer_ray.releases.release import LIBRARIES
from tracer_ray.training.plan import software
from tracer_ray.working_dir import size_to_upload

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MOST_UPLOAD_BYTES = 20 << 20
THREADS = "OMP_NUM_THREADS"


@dataclass(frozen=True)
class Finding:
    """What one check found; `remedy` is "" where all is well."""

    check: str
    found: str
    remedy: str = ""

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to do."""
        return not self.remedy

    def to_json(self) -> dict[str, object]:
        """The finding as plain values."""
        return {**vars(self), "is_well": self.is_well}


@dataclass(frozen=True)
class NodeReport:
    """What one process says of itself."""

    node: str
    versions: dict[str, str]
    threads: str
    storage_error: str
    free_bytes: int | None = None


def examine(home: str, folder: Path) -> list[Finding]:
    """Every check; needs a connection to Ray. `folder` is what a job would be submitted from."""
    here = report_of("this process", home)
    nodes = [each for each in cast(Any, ray.nodes)() if each["Alive"]]
    others = ray.get([_ask(each["NodeID"], home) for each in nodes])
    return [
        address_finding(),
        *versions_findings(here, others),
        *(storage_finding(each, home) for each in (here, *others)),
        *(threads_finding(each) for each in others),
        dashboard_finding(_dashboard_url()),
        upload_finding(folder),
    ]


def report_of(node: str, home: str) -> NodeReport:
    """What this process has, and whether it can write to the home."""
    versions = {name: version(name) for name in LIBRARIES}
    versions |= {"python": python_version(), "tracer's source and libraries": software()}
    try:
        storage.check_writable(home)
        error = ""
    except StorageError as failure:
        error = str(failure)
    threads = os.environ.get(THREADS, "")
    return NodeReport(node, versions, threads, error, None if error else storage.free_bytes(home))


def _ask(node_id: str, home: str) -> "ray.ObjectRef[NodeReport]":
    where = NodeAffinitySchedulingStrategy(node_id, soft=False)
    return _report.options(scheduling_strategy=where).remote(node_id[:8], home)


@ray.remote(num_cpus=0)
def _report(node: str, home: str) -> NodeReport:
    return report_of(f"node {node}", home)


def address_finding() -> Finding:
    """Where the work would run."""
    address = os.environ.get("RAY_ADDRESS", "")
    resources = cast(Any, ray.cluster_resources)()
    where = address or "a Ray of this process (set RAY_ADDRESS to join a cluster)"
    return Finding("address", f"{where}, {resources.get('CPU', 0):.0f} CPUs")


def versions_findings(here: NodeReport, others: list[NodeReport]) -> list[Finding]:
    """Whether every node has what this process has."""
    findings = []
    for each in others:
        wrong = [
            f"{name} {each.versions[name]} instead of {expected}"
            for name, expected in here.versions.items()
            if each.versions[name] != expected
        ]
        said = "; ".join(wrong) or f"python {here.versions['python']}, ray {here.versions['ray']}"
        remedy = "install requirements.lock on every node" if wrong else ""
        findings.append(Finding(f"versions of {each.node}", said, remedy))
    return findings


def storage_finding(report: NodeReport, home: str) -> Finding:
    """Whether a process can write to the home."""
    check = f"storage from {report.node}"
    if report.storage_error:
        remedy = "name a home that every node can write to: an s3:// URI or a shared folder"
        return Finding(check, report.storage_error, remedy)
    return Finding(check, f"{home} can be written and read{_free(report.free_bytes)}")


def _free(free_bytes: int | None) -> str:
    return "" if free_bytes is None else f", {free_bytes / 2**30:.1f} GB are free"


def threads_finding(report: NodeReport) -> Finding:
    """Whether models use one thread each."""
    check = f"threads of {report.node}"
    wanted = WORKER_ENVIRONMENT[THREADS]
    if report.threads == wanted:
        return Finding(check, f"{THREADS}={wanted}")
    found = f"{THREADS}={report.threads}" if report.threads else f"{THREADS} is not set"
    return Finding(check, found, f"start Ray with {THREADS}={wanted}: more is slower under load")


def dashboard_finding(url: str) -> Finding:
    """Whether anybody who reaches the dashboard could submit jobs: it runs any code."""
    host = url.rpartition(":")[0]
    if not url:
        return Finding("dashboard", "there is none")
    if host in LOOPBACK:
        return Finding("dashboard", f"{url}, this machine only")
    if _asks_for_a_token(url):
        return Finding("dashboard", f"{url}, demands a token")
    remedy = "set RAY_AUTH_MODE=token before `ray start`, or bind it to 127.0.0.1"
    return Finding("dashboard", f"{url} runs jobs of anybody who reaches it", remedy)


def upload_finding(folder: Path) -> Finding:
    """Whether the folder that a job takes along is small."""
    size = size_to_upload(folder)
    found = f"{folder}: {size / 2**20:.1f} MB of files would be uploaded"
    if size <= MOST_UPLOAD_BYTES:
        return Finding("working_dir", found)
    remedy = "submit from the project's root, and keep data in storage that the nodes reach"
    return Finding("working_dir", found, remedy)


def _dashboard_url() -> str:
    from ray._private.worker import get_dashboard_url  # there is no public way to ask for it

    return str(cast(Any, get_dashboard_url)() or "")


def _asks_for_a_token(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{url}/api/jobs/", timeout=5.0):
            return False
    except urllib.error.HTTPError as error:
        return error.code in (401, 403)
    except OSError:
        return True  # not to be reached from here
