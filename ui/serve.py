"""The page on the network: its address, a health check, and a stop that leaves nothing half done."""

from __future__ import annotations

import asyncio
import io
import logging
import signal
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import gradio as gr
import gradio.processing_utils
from starlette.middleware import Middleware

from omniedit.errors import BadInput
from ui.guard import Guard
from ui.looks import CSS, HEAD, theme
from ui.sessions import Sessions
from ui.turns import WAITING

__all__ = ["check_reach", "is_private", "serve"]

PATIENCE = 20.0  # seconds that edits have to end when the app is told to


def serve(
    page: gr.Blocks,
    sessions: Sessions,
    host: str,
    port: int,
    largest: int,
    private: Path,
    sign_in: Callable[[str, str], bool] | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl+C, then end the edits that run. Raises OmniEditError where it cannot listen there.

    `largest`: bytes of an upload; `private`: a folder that is never served; `sign_in(name, password)`: who may use the
    app, None for everybody.
    """
    for chatty in ("httpx", "mcp"):  # they name every request
        logging.getLogger(chatty).setLevel(logging.WARNING)
    gradio.processing_utils.async_ssrf_protected_download = _fetch
    try:
        with redirect_stdout(io.StringIO()):  # what it says of its own
            app, address, _ = page.queue(default_concurrency_limit=4, max_size=2 * WAITING, api_open=False).launch(
                server_name=host,
                server_port=port or None,
                theme=theme(),
                css=CSS,
                head=HEAD,
                max_file_size=largest,
                blocked_paths=[str(private)],
                quiet=True,
                prevent_thread_lock=True,
                enable_monitoring=False,
                max_threads=2 * WAITING,  # half of them for what does not wait
                footer_links=[],
                mcp_server=sign_in is None and sessions.private,  # its tools cannot tell who calls
                auth=None if sign_in is None else _aside(sign_in),
                show_error=sessions.private,  # of what no handler foresaw strangers are told no details
                app_kwargs={"middleware": [Middleware(Guard)]},
            )
    except OSError as error:
        raise BadInput(f"Cannot listen on {host}:{port} ({error}); free the port or set OMNIEDIT_PORT.") from None
    app.add_api_route("/healthz", lambda: {"status": "ok"})
    app.router.routes.insert(0, app.router.routes.pop())  # before the page's own, which take every name
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    print(f"OmniEdit Studio is at {address} (stop it with Ctrl+C).", flush=True)
    try:
        stop.wait()
    except KeyboardInterrupt:
        pass
    finally:
        sessions.close(PATIENCE)
        page.close(verbose=False)


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


def _aside(sign_in: Callable[[str, str], bool]) -> Callable[[str, str], Coroutine[Any, Any, bool]]:
    """The same beside the server, one at a time: a password takes long to compare, and others are not to wait."""
    worker = ThreadPoolExecutor(1)

    async def asked(name: str, password: str) -> bool:
        return await asyncio.get_running_loop().run_in_executor(worker, sign_in, name, password)

    return asked


async def _fetch(address: str, cache_dir: str) -> str:
    """Files are uploaded: nobody makes this machine fetch an address, however large what is there may be."""
    raise gr.Error("An address is given where a file is wanted; upload the file.", print_exception=False)
