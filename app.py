"""OmniEdit Studio: settings, services, page. `python app.py` starts it; on a Space this file is the entry."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from contextlib import suppress

from omniedit.errors import OmniEditError


def main() -> int:
    """Start the app and serve until it is stopped. 0, or 2 with one sentence for what cannot be done."""
    parser = argparse.ArgumentParser(description="OmniEdit Studio in the browser.")
    parser.add_argument("--i-know", action="store_true", help="let others reach it though nobody has to sign in")
    i_know = parser.parse_args().i_know
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    with suppress(ImportError):  # on a Space it must come before torch
        import spaces  # noqa: F401
    from omniedit.images import Limits, guard_decoders
    from omniedit.services.album import Album
    from omniedit.services.editing import EditingService
    from omniedit.services.examples import examples
    from omniedit.services.log import open_log
    from omniedit.services.people import People
    from omniedit.settings import load_settings
    from ui.page import build_page
    from ui.serve import check_reach, is_private, serve
    from ui.sessions import Sessions

    on_space = "SPACE_ID" in os.environ
    try:
        settings = load_settings()
        host = "0.0.0.0" if on_space else settings.host
        log = open_log(settings) if settings.log else None
        people = None if log is None else People(log.database)
        sign_in = people.signs_in if people and people.all() else None
        check_reach(host, sign_in is not None or on_space or i_know)
        service = EditingService(settings, log)
        service.load()
        logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
        guard_decoders()
        sessions = Sessions(is_private(host), lambda name: people is not None and people.role(name) is not None)
        page = build_page(service, sessions, examples(), None if log is None else Album(log, settings.recipes))
        serve(page, sessions, host, settings.port, Limits().bytes, settings.home_dir, sign_in)
    except OmniEditError as error:
        print(f"omniedit: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
