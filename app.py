"""OmniEdit Studio: settings, services, page. `python app.py` starts it; on a Space this file is the entry."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn

from omniedit.errors import OmniEditError


def main() -> None:
    """Start the app and serve until it is stopped."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    from omniedit.images import Limits, guard_decoders
    from omniedit.services.album import Album
    from omniedit.services.editing import EditingService
    from omniedit.services.examples import example_photos, example_pictures
    from omniedit.services.log import open_log
    from omniedit.settings import load_settings
    from ui.looks import CSS, HEAD, theme
    from ui.page import build_page

    try:
        settings = load_settings()
        log = open_log(settings) if settings.log else None
        service = EditingService(settings, log)
        service.load()
    except OmniEditError as error:
        fail(str(error))
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it names every request
    logging.getLogger("uvicorn.error").addFilter(is_fault)
    guard_decoders()
    on_space = "SPACE_ID" in os.environ
    album = None if log is None else Album(log, settings.home_dir / "small", settings.recipes)
    page = build_page(service, [*example_photos(), *example_pictures()], album, private=not on_space)
    try:
        _, address, _ = page.queue(default_concurrency_limit=4, max_size=32).launch(
            server_name="0.0.0.0" if on_space else settings.host,
            server_port=settings.port or None,
            theme=theme(),
            css=CSS,
            head=HEAD,
            max_file_size=Limits().bytes,
            blocked_paths=[str(settings.home_dir)],
            quiet=True,
            prevent_thread_lock=True,
            enable_monitoring=False,
            footer_links=[],
            show_error=True,
        )
        print(f"OmniEdit Studio is at {address} (stop it with Ctrl+C).", flush=True)
        page.block_thread()
    except OSError as error:
        fail(f"Cannot listen on {settings.host}:{settings.port} ({error}); free the port or set OMNIEDIT_PORT.")


def is_fault(record: logging.LogRecord) -> bool:
    """Whether what the server logs is a fault: a page that was closed while it sent a picture is none."""
    from starlette.requests import ClientDisconnect

    return not (record.exc_info and isinstance(record.exc_info[1], ClientDisconnect))


def fail(sentence: str) -> NoReturn:
    """One sentence on standard error, exit status 2."""
    print(f"omniedit: {sentence}", file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    main()
