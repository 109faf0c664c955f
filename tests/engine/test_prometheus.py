"""A real Prometheus scrapes a service, and every query of the Grafana dashboard has data."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import httpx
import pytest

from tests.service_process import replica_here
from tests.twin_releases import twin
from tests.waiting import until_open
from tracer_ray.cli import main
from tracer_ray.engine.proxy import MOST_INSIDE
from tracer_ray.engine.serve import ServeOptions, Service, start, stop
from tracer_ray.ports import free_port
from tracer_ray.registry.registry import Registry
from tracer_ray.serving.keys import create_key

pytestmark = pytest.mark.soak

ID = "player_props"
ROWS = [{"player": str(1001 + place % 16), "stat": "points"} for place in range(30)]
DASHBOARD = Path(__file__).parents[2] / "cluster" / "grafana_dashboard.json"
NEVER = "dropped_predictions"  # a log whose storage fails for 50,000 predictions
LIMIT_S = 120.0
CONFIG = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: tracer
    authorization: {{credentials: {key}}}
    static_configs: [{{targets: ["{place}"]}}]
"""


@pytest.fixture
def home(promoted_home: str, tmp_path: Path) -> str:
    """A home with a champion, a challenger and one in the shadow."""
    home = str(tmp_path / "home")
    shutil.copytree(promoted_home, home)
    registry = Registry(home)
    for number in (1, 2):
        registry.register(twin(home, ID, number))
    assert main(["ab", "start", ID, "twin-01", "--share", "40", "--home", home]) == 0
    assert main(["ab", "shadow", ID, "twin-02", "--home", home]) == 0
    return home


@pytest.fixture
def key(home: str) -> str:
    return create_key(home, "load", per_minute=1_000_000)[1]


@pytest.fixture
def service(home: str, key: str) -> Iterator[Service]:
    options = ServeOptions(home, (ID,), port=free_port(), demands_keys=True, logs_predictions=True)
    yield start(options)
    stop()


@pytest.fixture
def prometheus(service: Service, key: str, tmp_path: Path) -> Iterator[str]:
    """Where a Prometheus of this test's own answers."""
    command = shutil.which("prometheus")
    if command is None:
        pytest.skip("no prometheus on this machine")
    config = tmp_path / "prometheus.yml"
    place = service.url.removeprefix("http://")
    config.write_text(CONFIG.format(key=key, place=place), encoding="utf-8")
    listen = f"127.0.0.1:{(port := free_port())}"
    words = [f"--config.file={config}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    started = subprocess.Popen([command, *words, f"--web.listen-address={listen}"])
    until_open(port)
    yield f"http://{listen}/api/v1"
    started.terminate()
    started.wait()


def test_every_query_of_the_dashboard_has_data(
    prometheus: str, service: Service, home: str, key: str
) -> None:
    limited = create_key(home, "limited", per_minute=1)[1]
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    missing, deadline = queries, time.monotonic() + LIMIT_S
    with httpx.Client(base_url=service.url, timeout=LIMIT_S) as client:
        _crowd(client, key)
        while missing != [each for each in queries if NEVER in each]:
            assert time.monotonic() < deadline, missing
            _ask(client, key)
            _ask(client, limited)
            _ask(client, "nobody's")
            missing = [each for each in queries if not _result(prometheus, each)]
    (names,) = (each for each in dashboard["templating"]["list"] if each["name"] == "blueprint")
    assert names["query"]["query"] == "label_values(ray_tracer_release_version, blueprint)"
    found = _result(prometheus, "group by (blueprint) (ray_tracer_release_version)")
    assert [each["metric"] for each in found] == [{"blueprint": ID}]


def _ask(client: httpx.Client, key: str) -> None:
    """One row, a batch, an outcome and contexts; who may not is told so."""
    headers = {"Authorization": f"Bearer {key}"}
    client.post(f"/predict/{ID}", json=ROWS[0], headers=headers)
    client.post(f"/predict/{ID}/batch", json={"rows": ROWS}, headers=headers)
    outcome = {"player": "1001", "game_date": "2030-01-01", "points": 12}
    client.post(f"/outcomes/{ID}", json={"rows": [outcome]}, headers=headers)
    client.get(f"/context/{ID}/1001", headers=headers)


def _crowd(client: httpx.Client, key: str) -> None:
    """More batches at once than there is room for, whichever proxy there is."""
    headers = {"Authorization": f"Bearer {key}"}

    def ask() -> httpx.Response:
        return client.post(f"/predict/{ID}/batch", json={"rows": ROWS}, headers=headers)

    replica = replica_here(ID)
    os.kill(replica, signal.SIGSTOP)
    with ThreadPoolExecutor(MOST_INSIDE + 6) as pool:
        asked = [pool.submit(ask) for _ in range(MOST_INSIDE + 6)]
        wait(asked, 2.0, "FIRST_COMPLETED")
        os.kill(replica, signal.SIGCONT)
    assert {each.result().status_code for each in asked} == {200, 503}


def _result(prometheus: str, query: str) -> list[dict[str, object]]:
    """What a query gives now; it must be one that Prometheus understands."""
    asked = {"query": query.replace("$blueprint", ".*")}
    reply = httpx.get(f"{prometheus}/query", params=asked).raise_for_status().json()
    assert reply["status"] == "success"
    found: list[dict[str, object]] = reply["data"]["result"]
    return found
