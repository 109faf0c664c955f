"""The front ASGI application: what is there, is it ready, and how to ask it.

It holds no release. It asks the applications that do, so that one of them can fail, or be deployed
again, without the others.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from tracer_ray.composites.store import Shelf
from tracer_ray.serving.analysis_api import Analyze, add_analysis
from tracer_ray.serving.api_document import Json
from tracer_ray.serving.champions import Champions
from tracer_ray.serving.composite_api import Consult, add_composites
from tracer_ray.serving.context_api import AskContexts, add_contexts
from tracer_ray.serving.explaining import explain_errors
from tracer_ray.serving.json_text import json_response
from tracer_ray.serving.outcomes_api import TakeOutcomes, add_outcomes
from tracer_ray.serving.problems import ProblemError, unknown_blueprint

if TYPE_CHECKING:
    from fastapi import FastAPI


@dataclass(frozen=True)
class Facts:
    """What is known of one blueprint: its state for /ready, its description, its OpenAPI paths.

    The last two are empty where no release is loaded.
    """

    state: Mapping[str, object]
    description: Json = field(default_factory=dict)
    paths: Json = field(default_factory=dict)


Ask = Callable[[], Awaitable[Mapping[str, Facts]]]
ReadMetrics = Callable[[], Awaitable[str]]
_ASSETS = "/docs/assets"
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def facts_of(champions: Champions) -> dict[str, Facts]:
    """The facts of each blueprint that these champions are for."""
    return {
        name: Facts(
            each.to_json(),
            each.document.description if each.document else {},
            each.document.paths if each.document else {},
        )
        for name, each in champions.held.items()
    }


@dataclass(frozen=True)
class Upstream:
    """Who is asked for what the front does not hold; `metrics` gives Prometheus text."""

    facts: Ask
    contexts: AskContexts
    outcomes: TakeOutcomes
    metrics: ReadMetrics
    shelf: Shelf
    consult: Consult
    analyze: Analyze


def front_app(upstream: Upstream) -> "FastAPI":
    """The application that describes, has composites, takes outcomes and analyzes data."""
    from fastapi import FastAPI

    from tracer_ray.version import __version__

    app = FastAPI(
        title="Tracer",
        version=__version__,
        summary="Calibrated predictions of promoted releases.",
        openapi_url=None,
    )

    @app.get("/health", summary="Whether the process is alive")
    async def health() -> Response:
        return json_response({"status": "ok"})

    @app.get("/ready", summary="Which releases answer, since when, and which were refused")
    async def ready() -> Response:
        states = {name: each.state for name, each in (await upstream.facts()).items()}
        is_ready = all(state.get("release") for state in states.values())
        content = {"status": "ready" if is_ready else "not ready", "blueprints": states}
        return json_response(content, 200 if is_ready else 503)

    @app.get("/blueprints", summary="What can be asked, and what is answered")
    async def list_blueprints() -> Response:
        facts = (await upstream.facts()).values()
        return json_response([each.description for each in facts if each.description])

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return json_response(_openapi(app, await upstream.facts()))

    @app.get("/metrics", summary="Measures of all replicas for Prometheus")
    async def metrics() -> Response:
        return Response(await upstream.metrics(), headers={"content-type": _PROMETHEUS})

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return _documentation()

    @app.post("/predict/{blueprint}", include_in_schema=False)
    @app.post("/predict/{blueprint}/batch", include_in_schema=False)
    async def refuse(blueprint: str) -> Response:
        raise ProblemError(unknown_blueprint(blueprint, await upstream.facts()))

    add_contexts(app, upstream.contexts)
    add_outcomes(app, upstream.outcomes)
    add_composites(app, upstream.shelf, upstream.consult)
    add_analysis(app, upstream.analyze)
    app.mount(_ASSETS, StaticFiles(packages=[("fastapi_offline", "static")]))
    explain_errors(app)
    return app


def _documentation() -> Response:
    """The page that shows the OpenAPI document; nothing in it comes from another server."""
    from fastapi.openapi.docs import get_swagger_ui_html

    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Tracer",
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS}/favicon.png",
    )


def _openapi(app: "FastAPI", facts: Mapping[str, Facts]) -> Json:
    """The OpenAPI document of the front and of every blueprint."""
    from fastapi.openapi.utils import get_openapi

    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes
    )
    for each in facts.values():
        document["paths"] |= each.paths
    document["components"] = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
    document["security"] = [{}, {"key": []}]  # a key only where the service demands one
    return document
