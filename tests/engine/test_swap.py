"""Promotion and rollback reach a running service under load, and no request notices."""

import shutil
import socket
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
from tracer_ray.registry.pointers import Pointer, read_pointer, write_pointer
from tracer_ray.registry.registry import Registry
from tracer_ray.releases.release import Release
from tracer_ray.serving.keys import create_key, revoke_key

ID = "customer_churn"
LIMIT_S = 60.0
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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    yield start(ServeOptions(home=home, blueprints=(ID,), port=port, demands_keys=True))
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


@pytest.mark.soak
def test_twenty_swaps_under_constant_load_lose_nothing(
    home: str, service: Service, load: Load
) -> None:
    _swap(home, service, 20)
    _check(load)
    assert len(load.answers) > 1000
