"""Where the API listens: the address as granian and as a person want it, and whether the port is free."""

import socket
from typing import Any

from infra.errors import OperatorError
from infra.settings import Settings


class ListenError(OperatorError):
    """The API can't listen where the settings say."""


def require_free_port(settings: Settings) -> str:
    """The numeric address of the host, on which nobody listens yet. ListenError otherwise.

    granian binds with SO_REUSEPORT: two shops on one port would both start and share the requests.
    """
    family, address = _resolve(settings)
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # The connections of the shop's last run may linger; a listening socket is refused all the same.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise ListenError(
                f"can't listen on {settings.host} port {settings.port} ({error.strerror}):"
                " choose another DAYBOOK_PORT or DAYBOOK_HOST"
            ) from None
    return str(address[0])


def _resolve(settings: Settings) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ListenError(f"DAYBOOK_HOST={settings.host!r} is no address: {error.strerror}") from None
    family, _, _, _, address = found[0]
    return family, address


def address(settings: Settings) -> str:
    """Where the API answers, as a person would type it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
