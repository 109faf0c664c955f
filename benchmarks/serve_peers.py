"""The servers that benchmarks/serve.py compares, each as a team would write it."""

import signal
import threading
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from tracer_ray.errors import RequestError
from tracer_ray.prediction.predictor import Predictor
from tracer_ray.registry.pointers import read_pointer

if TYPE_CHECKING:
    from collections.abc import Mapping

BLUEPRINT = "player_props"


def run(peer: str, home: str, port: int) -> None:
    """Be that server until interrupted."""
    {"ours": _ours, "fastapi": _fastapi, "defaults": _defaults}[peer](home, port)


def _ours(home: str, port: int) -> None:
    from tracer_ray.engine.serve import ServeOptions, serve_forever

    serve_forever(ServeOptions(home=home, blueprints=(BLUEPRINT,), port=port))


def _fastapi(home: str, port: int) -> None:
    import uvicorn

    uvicorn.run(_bare_app(home), host="127.0.0.1", port=port, log_level="warning")


def _defaults(home: str, port: int) -> None:
    import ray
    from ray import serve
    from ray.serve.config import HTTPOptions

    from tracer_ray.engine.serve import stop
    from tracer_ray.engine.session import WORKER_ENVIRONMENT, stop_ray

    class Defaults:
        """The bare application in a Serve deployment without any option."""

        def __serve_build_asgi_app__(self) -> FastAPI:
            """The application that Ray Serve routes requests to."""
            return _bare_app(home)

    ray.init("local", include_dashboard=False, runtime_env={"env_vars": WORKER_ENVIRONMENT})
    serve.start(http_options=HTTPOptions(host="127.0.0.1", port=port))
    serve.run(serve.deployment()(serve.ingress()(Defaults)).bind())
    is_over = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: is_over.set())
    is_over.wait()
    stop()
    stop_ray()


def _bare_app(home: str) -> FastAPI:
    """One route for a row, one for many, around the same model."""
    pointer = read_pointer(home, BLUEPRINT)
    assert pointer is not None
    predictor = Predictor.open(pointer.uri)
    app = FastAPI()

    @app.post(f"/predict/{BLUEPRINT}")
    async def predict(row: dict[str, Any]) -> JSONResponse:
        (said,) = predictor.answer([row])
        return JSONResponse({"detail": str(said)}, 422) if _is_bad(said) else JSONResponse(said)

    @app.post(f"/predict/{BLUEPRINT}/batch")
    async def predict_batch(body: dict[str, list[dict[str, Any]]]) -> JSONResponse:
        said = predictor.answer(body["rows"])
        return JSONResponse([{"error": str(each)} if _is_bad(each) else each for each in said])

    return app


def _is_bad(said: "Mapping[str, object] | RequestError") -> bool:
    return isinstance(said, RequestError)
