"""Promotion and rollback reach a running service under load, and a test is reported as it went."""

import json
import math
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import httpx
import pytest

from tests.twin_releases import as_of, damage, pointer_to, twin
from tracer_ray.cli import main
from tracer_ray.engine.serve import ServeOptions, Service, start, stop
from tracer_ray.ports import free_port
from tracer_ray.registry.pointers import Pointer, read_pointer, write_pointer
from tracer_ray.registry.registry import Registry
from tracer_ray.releases.release import Release
from tracer_ray.serving.keys import create_key, revoke_key

ID = "customer_churn"
LIMIT_S = 60.0
ROWS = 200
TWINS = ("twin-01", "twin-02", "twin-03")


@dataclass
class Load:
    """Clients that ask without a pause, singly and in batches, and keep what they were told."""

    url: str
    key: str
    answers: list[list[dict[str, object]]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def ask(self, rows: int) -> None:
        """Ask for so many rows at a time until it is over."""
        row = {"tenure_months": 2}
        path, body = (f"/predict/{ID}", row) if rows == 1 else (f"/predict/{ID}/batch", {})
        sent = {"rows": [row] * rows} if rows > 1 else body
        headers = {"Authorization": f"Bearer {self.key}"}
        with httpx.Client(base_url=self.url, headers=headers, timeout=LIMIT_S) as client:
            while not self.is_over.is_set():
                try:
                    reply = client.post(path, json=sent)
                    content = reply.raise_for_status().json()
                    self.answers.append(content["rows"] if rows > 1 else [content])
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))

    @property
    def releases(self) -> set[str]:
        """The releases that answered so far."""
        return {str(rows[0]["release"]) for rows in list(self.answers)}


@pytest.fixture(scope="module")
def home(promoted_home: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A home with three more releases of one blueprint, the first of them promoted."""
    home = str(tmp_path_factory.mktemp("swap") / "home")
    shutil.copytree(promoted_home, home)
    registry = Registry(home)
    for number in (1, 2, 3, 4):
        registry.register(twin(home, ID, number))
    assert main(["promote", ID, TWINS[0], "--force", "--home", home]) == 0
    return home


@pytest.fixture(scope="module")
def key(home: str) -> str:
    return create_key(home, "load", per_minute=1_000_000)[1]


@pytest.fixture(scope="module")
def service(home: str, key: str) -> Iterator[Service]:
    options = ServeOptions(home, (ID,), port=free_port(), demands_keys=True, logs_predictions=True)
    yield start(options)
    stop()


@pytest.fixture
def load(service: Service, key: str) -> Iterator[Load]:
    load = Load(service.url, key)
    threads = [threading.Thread(target=load.ask, args=(rows,)) for rows in (1, 1, 30, 600)]
    for thread in threads:
        thread.start()
    yield load
    load.is_over.set()
    for thread in threads:
        thread.join()


def _state(service: Service) -> dict[str, object]:
    states: dict[str, dict[str, object]] = httpx.get(f"{service.url}/ready").json()["blueprints"]
    return states[ID]


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


def _is_answering(service: Service, pointer: Pointer) -> bool:
    state = _state(service)
    return (state["release"], state["version"]) == (pointer.release, pointer.version)


def _check(load: Load) -> None:
    """Every request was answered, and every answer is wholly one release's."""
    assert load.failures == []
    for rows in load.answers:
        assert {(row["release"], row["as_of"]) for row in rows} == {
            (rows[0]["release"], as_of(str(rows[0]["release"])))
        }


def _swap(home: str, service: Service, moves: int) -> None:
    """Promote and roll back in turns, each time until the service answers with it."""
    for move in range(moves):
        if move % 2:
            assert main(["rollback", ID, "--home", home]) == 0
        else:
            release = TWINS[1 + move // 2 % 2]
            assert main(["promote", ID, release, "--force", "--home", home]) == 0
        pointer = read_pointer(home, ID)
        assert pointer is not None
        _until(partial(_is_answering, service, pointer))


def test_promotion_and_rollback_reach_running_replicas_and_no_request_fails(
    home: str, service: Service, load: Load
) -> None:
    _swap(home, service, 4)
    _until(lambda: load.releases == set(TWINS))
    _check(load)


def test_a_damaged_release_is_refused_and_the_old_one_goes_on(
    home: str, service: Service, load: Load
) -> None:
    good = read_pointer(home, ID)
    assert good is not None
    before, bad = _state(service), Release.open(good.uri.replace(good.release, "twin-04"))
    damage(bad)  # after promotion has read it
    write_pointer(home, pointer_to(bad))
    _until(lambda: _state(service)["refused"] is not None)
    state = _state(service)
    assert {**state, "refused": None} == before
    assert "models.parquet was altered" in str(state["refused"])
    write_pointer(home, good)
    _until(lambda: _state(service) == before)
    _check(load)


def test_a_key_that_is_revoked_is_valid_no_more(home: str, service: Service, key: str) -> None:
    stranger, text = create_key(home, "stranger")
    url, body = f"{service.url}/predict/{ID}", {"tenure_months": 2}
    assert httpx.post(url, json=body).status_code == 401
    headers = {"Authorization": f"Bearer {text}"}
    _until(lambda: httpx.post(url, json=body, headers=headers).status_code == 200)
    revoke_key(home, stranger.id)
    _until(lambda: httpx.post(url, json=body, headers=headers).status_code == 401)
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.post(url, json=body, headers=headers).status_code == 200


def _is_counted(client: httpx.Client, result: str, rows: int) -> bool:
    """Whether the service's measures say what became of so many rows of outcomes."""
    line = rf'ray_tracer_outcome_rows_total{{.*blueprint="{ID}".*result="{result}".*}} {rows}\.0'
    return re.search(line, client.get("/metrics").text) is not None


def test_a_test_is_reported_as_those_saw_it_who_asked(
    home: str, service: Service, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    champion = read_pointer(home, ID)
    assert champion is not None
    challenger = next(each for each in TWINS if each != champion.release)
    assert main(["ab", "start", ID, challenger, "--share", "40", "--home", home]) == 0
    _until(lambda: challenger in str(_state(service)["challengers"]))
    rows = [{"customer_id": f"c{each}", "tenure_months": each % 60} for each in range(ROWS)]
    left = [each % 3 == 0 for each in range(ROWS)]
    outcomes: list[dict[str, object]] = [
        {"request_id": "asked", "row": each} if each % 2 else {"customer_id": f"c{each}"}
        for each in range(ROWS)
    ]
    sent = [{**row, "churned": each} for row, each in zip(outcomes, left, strict=True)]
    headers = {"Authorization": f"Bearer {key}", "X-Request-ID": "asked"}
    with httpx.Client(base_url=service.url, headers=headers, timeout=LIMIT_S) as client:
        said = client.post(f"/predict/{ID}/batch", json={"rows": rows}).json()["rows"]
        taken = client.post(f"/outcomes/{ID}", json={"rows": [*sent, {"customer_id": "c1"}]})
        assert (taken.status_code, taken.json()["failed"]) == (200, 1)
        for result, number in ("stored", ROWS), ("refused", 1):
            _until(partial(_is_counted, client, result, number))

    def figures() -> list[dict[str, object]]:
        capsys.readouterr()
        assert main(["ab", "report", ID, "--home", home, "--json"]) == 0
        found: list[dict[str, object]] = json.loads(capsys.readouterr().out)["figures"]
        return found

    _until(lambda: sum(int(str(each["settled"])) for each in figures()) == ROWS)
    found = figures()
    assert main(["ab", "stop", ID, "--home", home]) == 0
    for each, release in zip(found, (champion.release, challenger), strict=True):
        mine = [row for row in range(ROWS) if said[row]["release"] == release]
        assert 0 < len(mine) < ROWS
        assert (each["release"], each["predictions"]) == (release, len(mine))
        assert each["settled"] == len(mine)
        chances = [said[row]["churn_probability"] for row in mine]
        losses = [
            -math.log(p if left[row] else 1 - p) for row, p in zip(mine, chances, strict=True)
        ]
        assert each["loss"] == pytest.approx(sum(losses) / len(mine), abs=1e-6)


@pytest.mark.soak
def test_twenty_swaps_under_constant_load_lose_nothing(
    home: str, service: Service, load: Load
) -> None:
    _swap(home, service, 20)
    _check(load)
    assert len(load.answers) > 1000
