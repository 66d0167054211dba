"""OmniEdit Studio: settings, services, page. `python app.py` starts it; on a Space this file is the entry."""

from __future__ import annotations

import argparse
import logging
import os
import sys

from omniedit.errors import OmniEditError


def main() -> int:
    """Start the app and serve until it is stopped. 0, or 2 with one sentence for what cannot be done."""
    parser = argparse.ArgumentParser(description="OmniEdit Studio in the browser.")
    parser.add_argument("--i-know", action="store_true", help="let others reach it though nobody has to sign in")
    i_know = parser.parse_args().i_know
    from omniedit.images import Limits, guard_decoders
    from omniedit.services.log import open_log
    from omniedit.services.people import People
    from omniedit.settings import load_settings
    from ui.quick import import_gradio
    from ui.reach import check_reach, free_port, is_private

    try:  # what may be wrong is looked at before what takes long is imported
        settings, on_space = load_settings(), "SPACE_ID" in os.environ
        host = "0.0.0.0" if on_space else settings.host
        port = free_port(host, settings.port)
        log = open_log(settings) if settings.log else None
        people = None if log is None else People(log.database)
        users = people if people and people.all() else None
        check_reach(host, users is not None or on_space or i_know)
        logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
        guard_decoders()
        import_gradio()
        from omniedit.services.album import Album
        from omniedit.services.editing import EditingService
        from omniedit.services.examples import examples
        from omniedit.services.fetching import Fetcher
        from omniedit.services.upkeep import empty_bin
        from ui.page import build_page
        from ui.serve import serve
        from ui.sessions import Sessions

        service = EditingService(settings, log)
        sessions = Sessions(is_private(host), people.role if people else lambda name: None)
        fetcher = Fetcher()
        page = build_page(service, sessions, examples(), log and Album(log, settings.recipes), fetcher)
        later = (service.load, lambda: empty_bin(log, settings.bin_days))
        serve(page, sessions, host, port, Limits().bytes, settings.home_dir, users, later)
        fetcher.close()
    except OmniEditError as error:
        print(f"omniedit: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
