"""Where the app listens: whether that address is free, and who can reach it."""

from __future__ import annotations

import socket
from ipaddress import ip_address

from omniedit.errors import BadInput, refusals

__all__ = ["check_reach", "free_port", "is_private"]


def free_port(host: str, port: int) -> int:
    """The port, or for 0 any that is free. Raises BadInput where nobody can listen there now."""
    with refusals(
        f"Cannot listen on {host}:{port}", "free the port, or set OMNIEDIT_PORT or OMNIEDIT_HOST to another one"
    ):
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will
            tried.bind(address)
            return int(tried.getsockname()[1])


def check_reach(host: str, guarded: bool) -> None:
    """BadInput where others can reach that address and nobody has said how they are kept apart."""
    if not (guarded or is_private(host)):
        raise BadInput(
            f"OMNIEDIT_HOST is {host!r}, where others reach the app, and nobody has to sign in; make users by "
            "`omniedit user add`, or start it with --i-know."
        )


def is_private(host: str) -> bool:
    """Whether nobody but this machine's own people can reach that address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
