"""What the client says where nobody answers, or not as Tracer does; it sends its key."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tracer_ray.client import Client
from tracer_ray.errors import RequestError, ServiceError


class _Other(BaseHTTPRequestHandler):
    """A service that is not Tracer: it demands one key, and answers with what is no object."""

    def do_GET(self) -> None:  # the name that http.server asks for
        is_known = self.headers["Authorization"] == "Bearer sesame"
        self.send_response(200 if is_known else 401)
        self.end_headers()
        self.wfile.write(b"[]" if is_known else b"who are you?")

    def do_POST(self) -> None:  # the name that http.server asks for
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Other)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_key_is_sent_and_not_shown(url: str) -> None:
    client = Client(url, key="sesame")
    assert client.ready()
    assert "sesame" not in repr(client)


def test_a_refused_key_is_a_service_error_with_its_status(url: str) -> None:
    with pytest.raises(ServiceError, match="401") as caught:
        Client(url).ready()
    assert caught.value.status == 401


def test_an_answer_that_is_none_of_ours_is_told(url: str) -> None:
    with pytest.raises(ServiceError, match="is this Tracer"):
        Client(url, key="sesame").predict("customer_churn", {"tenure": 1})


def test_nobody_there_is_told_with_the_address() -> None:
    with pytest.raises(ServiceError, match=r"http://127.0.0.1:1/ready: no answer"):
        Client("http://127.0.0.1:1", retry_s=0.0).ready()


def test_what_json_can_t_say_is_refused_before_it_is_sent() -> None:
    with pytest.raises(RequestError, match="can't be written as JSON"):
        Client("http://127.0.0.1:1").predict("customer_churn", {"tenure": float("nan")})


class _Recovering(BaseHTTPRequestHandler):
    """A service that comes back: no replica known, too busy, one that ended, then an answer."""

    asked = 0

    def do_POST(self) -> None:  # the name that http.server asks for
        self.rfile.read(int(self.headers["Content-Length"]))
        number = type(self).asked = type(self).asked + 1
        if number == 1:  # a replica that was killed: the connection ends without an answer
            return
        self.send_response({2: 404, 3: 503, 4: 502}.get(number, 200))
        self.send_header("Content-Type", "text/plain" if number == 2 else "application/json")
        self.end_headers()
        self.wfile.write(b"no such path" if number == 2 else b'{"said": "yes"}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_prediction_is_asked_for_again_while_a_service_comes_back() -> None:
    with HTTPServer(("127.0.0.1", 0), _Recovering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            client = Client(f"http://127.0.0.1:{server.server_port}")
            assert client.predict("customer_churn", {"tenure": 1}) == {"said": "yes"}
        finally:
            server.shutdown()
            thread.join()
    assert _Recovering.asked == 5
