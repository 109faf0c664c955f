"""Failures inside an application as problem documents, with the id of the request."""

import logging
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from tracer_ray.serving.problems import ProblemError, client_gone, internal, unrouted

if TYPE_CHECKING:
    from fastapi import FastAPI

REQUEST_ID = "request_id"  # where the gate leaves it in the scope
_LOG = logging.getLogger(__name__)


def explain_errors(app: "FastAPI") -> None:
    """Let every failure of this application be a problem document."""
    app.add_exception_handler(ProblemError, _explain)
    app.add_exception_handler(HTTPException, _explain)
    app.add_exception_handler(ClientDisconnect, _explain)
    app.add_exception_handler(Exception, _explain)


async def _explain(request: Request, error: Exception) -> Response:
    request_id = request.scope.get(REQUEST_ID, "")
    if isinstance(error, ProblemError):
        problem = error.problem
    elif isinstance(error, HTTPException):
        problem = unrouted(error.status_code, error.detail, error.headers or {})
    elif isinstance(error, ClientDisconnect):
        problem = client_gone()
    else:
        problem = internal()
    return problem.response(request_id)
