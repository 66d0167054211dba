"""The page on the network: its address, a health check, and a stop that leaves nothing half done."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import gradio as gr
import gradio.processing_utils
from gradio.utils import get_upload_folder
from starlette.middleware import Middleware

from omniedit.errors import OmniEditError
from omniedit.services.people import People
from ui.guard import CALLER, Belongings, Guard, Studio, words_in
from ui.looks import CSS, HEAD, theme
from ui.reach import free_port
from ui.sessions import Sessions
from ui.turns import WAITING
from ui.uploads import Room, Uploads
from ui.words import translations

__all__ = ["fetch_nothing", "serve"]

log = logging.getLogger(__name__)

GRACE = 4.0  # seconds in which the first page is drawn before other work begins
FRESH = 1.0  # seconds for which an account is what it was when it was looked at
PATIENCE = 20.0  # seconds that edits have to end when the app is told to
LAST = 10.0  # seconds after that, for all else; then it ends as if it were killed, which the log bears
LOOKS = {"sleep_when_free": 0.02, "progress_update_sleep_when_free": 0.05}  # seconds between two of the queue's looks
FETCHER = "async_ssrf_protected_download"  # Gradio's function that fetches an address


def serve(
    page: gr.Blocks,
    sessions: Sessions,
    host: str,
    port: int,
    largest: int,
    private: Path,
    people: People | None = None,
    later: Iterable[Callable[[], None]] = (),
) -> None:
    """Serve until SIGTERM or Ctrl+C, then end the edits that run. Raises OmniEditError where it cannot listen there.

    `largest`: bytes of an upload; `private`: a folder that is never served; `people`: who may use the app, None for
    everybody; `later`: work that the page does not need, done in turn while it is looked at.
    """
    for chatty in ("httpx", "httpx2", "mcp"):  # they name every request
        logging.getLogger(chatty).setLevel(logging.WARNING)
    fetch_nothing()
    belongings = None if people is None else Belongings(get_upload_folder(), words_in(page.config))
    assert isinstance(page, Studio)
    page.belongings = belongings
    doors = [Middleware(Guard, belongings=belongings)]
    if people is not None or not sessions.private:
        doors.append(Middleware(Uploads, room=Room(get_upload_folder())))
    try:
        page.queue(default_concurrency_limit=4, max_size=2 * WAITING, api_open=False)
        look_less_often(page)
        with redirect_stdout(io.StringIO()):  # what it says of its own
            app, address, _ = page.launch(
                server_name=host,
                server_port=port,
                theme=theme(),
                css=CSS,
                head=HEAD,
                i18n=translations(),
                max_file_size=largest,
                blocked_paths=[str(private)],
                quiet=True,
                prevent_thread_lock=True,
                enable_monitoring=False,
                max_threads=2 * WAITING,  # half of them for what does not wait
                footer_links=[],
                mcp_server=people is None and sessions.private,  # its tools cannot tell who calls
                auth=None if people is None else _aside(people.signs_in),
                auth_message=page.title,  # Gradio does not translate what stands here
                show_error=sessions.private,  # of what no handler foresaw strangers are told no details
                app_kwargs={"middleware": doors},
            )
    except OSError:
        free_port(host, port)  # says it, where another program was quicker
        raise
    if people is not None:
        app.tokens = _SignIns(people.account)
    app.add_api_route("/healthz", lambda: {"status": "ok"})
    app.router.routes.insert(0, app.router.routes.pop())  # before the page's own, which take every name
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    print(f"OmniEdit Studio is at {address} (stop it with Ctrl+C).", flush=True)
    worker = threading.Timer(GRACE, _do, [later])  # no daemon: a process that ends amidst an import may crash
    worker.start()
    try:
        stop.wait()
    except KeyboardInterrupt:
        pass
    finally:
        worker.cancel()
        sessions.close(PATIENCE)
        _end_in_time()
        page.close(verbose=False)


def _do(later: Iterable[Callable[[], None]]) -> None:
    for work in later:
        try:
            work()
        except Exception as error:
            log.error("%s", error, exc_info=None if isinstance(error, OmniEditError) else error)


def _aside(sign_in: Callable[[str, str, str], bool]) -> Callable[[str, str], Coroutine[Any, Any, bool]]:
    """The same beside the server, one at a time: a password takes long to compare, and others are not to wait."""
    worker = ThreadPoolExecutor(1)

    async def asked(name: str, password: str) -> bool:
        right = await asyncio.get_running_loop().run_in_executor(worker, sign_in, name, password, CALLER.get())
        log.info("Signed in." if right else "A sign-in was refused: a wrong name or password, or too many of them.")
        log.debug("It was %r.", name)
        return right

    return asked


class _SignIns(dict[str, str]):
    """Names by the tokens of those who have signed in. One holds while the account is what it was at the sign-in.

    Gradio asks at each request, in the server's own loop: an account is looked at every FRESH seconds.
    """

    def __init__(self, account: Callable[[str], str | None]) -> None:
        super().__init__()
        self._account = account
        self._then: dict[str, str | None] = {}  # what each account was
        self._now: dict[str, tuple[float, str | None]] = {}  # when it was looked at, and what it was

    def __setitem__(self, token: str, name: str) -> None:
        self._now.pop(name, None)
        self._then[token] = self._looked_at(name)
        super().__setitem__(token, name)

    def __delitem__(self, token: str) -> None:
        super().__delitem__(token)
        del self._then[token]

    def get(self, token: str | None, default: Any = None) -> Any:
        """The name, as Gradio asks for it at each request."""
        name, then = super().get(token or ""), self._then.get(token or "")
        if name is not None and then is not None:
            try:
                if self._looked_at(name) == then:
                    return name
            except Exception:  # nobody is let in unseen, and nobody signed out for it
                log.exception("Accounts cannot be looked at.")
                return default
        self.pop(token or "", None)
        self._then.pop(token or "", None)
        return default

    def _looked_at(self, name: str) -> str | None:
        when, account = self._now.get(name, (-FRESH, None))
        if time.monotonic() - when > FRESH:
            account = self._account(name)
            self._now[name] = (time.monotonic(), account)
        return account


def _end_in_time() -> None:
    """See to it that the process ends, even where an edit or a load does not; the next start marks the edit."""
    ends = threading.Timer(LAST, _end)
    ends.daemon = True
    ends.start()


def _end() -> None:
    log.warning("Something does not stop; it is cut off. The next start marks an edit as interrupted.")
    logging.shutdown()
    os._exit(0)


def look_less_often(page: gr.Blocks) -> None:
    """Make Gradio's queue look for work and for progress less often than it does, which takes a twelfth of a processor
    while nobody edits. RuntimeError, for developers, where it has no such numbers.
    """
    for name, seconds in LOOKS.items():
        if not hasattr(page._queue, name):
            raise RuntimeError(f"Gradio's queue has no {name!r}; look how often it wakes up in this release.")
        setattr(page._queue, name, seconds)


def fetch_nothing() -> None:
    """Put `_fetch` in the place of what fetches addresses. RuntimeError, for developers, where that is not there."""
    if not hasattr(gradio.processing_utils, FETCHER):
        raise RuntimeError(
            f"gradio.processing_utils has no {FETCHER!r}, which is replaced so that nobody makes this machine fetch an "
            "address; look for what fetches in this release of Gradio, or pin an earlier one."
        )
    setattr(gradio.processing_utils, FETCHER, _fetch)


async def _fetch(address: str, cache_dir: str) -> str:
    """Files are uploaded: nobody makes this machine fetch an address, however large what is there may be."""
    raise gr.Error("An address is given where a file is wanted; upload the file.", print_exception=False)
