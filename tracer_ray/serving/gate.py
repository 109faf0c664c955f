"""The gate: what every request passes before an application sees it, and on its way out."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Gate:
    """ASGI middleware around one application."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through; its path is whole, whatever prefix the server stripped."""
        await self._app({**scope, "root_path": ""}, receive, send)
