"""Where the description is shown: its file, and the page to read it and try calls out."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from litestar import Request, Router
from litestar.openapi.plugins import JsonRenderPlugin, SwaggerRenderPlugin
from litestar.static_files import (
    create_static_files_router,  # pyright: ignore[reportUnknownVariableType] - a generic of the library's
)

from api.description import Json, document, encoded

ASSETS = "/docs/assets"


class Document(JsonRenderPlugin):
    """/docs/openapi.json: the same bytes as in git."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Json) -> bytes:
        """Ours instead of Litestar's."""
        return encoded(document(request.app))


def swagger() -> "Swagger":
    """The page to read and try out the API, with the files of docs_assets(), not of somebody's server."""
    return Swagger(
        js_url=f"{ASSETS}/swagger-ui-bundle.js",
        css_url=f"{ASSETS}/swagger-ui.css",
        standalone_preset_js_url=f"{ASSETS}/swagger-ui-standalone-preset.js",
        favicon=f"<link rel='icon' type='image/png' href='{ASSETS}/favicon-32x32.png'>",
    )


def docs_assets() -> Router:
    """The files of that page, from the installed package: it works where nothing else can be reached."""
    package = find_spec("swagger_ui")
    assert package is not None
    assert package.submodule_search_locations is not None
    folder = Path(package.submodule_search_locations[0]) / "static"
    return create_static_files_router(
        path=ASSETS, directories=[folder], opt={"public": True}, include_in_schema=False
    )


class Swagger(SwaggerRenderPlugin):
    """/docs and /docs/swagger."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Json) -> bytes:
        """Ours instead of Litestar's."""
        return super().render(request, document(request.app))  # pyright: ignore[reportUnknownMemberType]
