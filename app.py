"""OmniEdit Studio: settings, services, page. `python app.py` starts it; on a Space this file is the entry."""

from __future__ import annotations

import argparse
import logging
import os
import sys

from omniedit.errors import OmniEditError

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"  # of the app's log
QUOTA_GB = 0.5  # for a stranger's pictures on a Space, where OMNIEDIT_QUOTA_GB says nothing else
PROXIES = "127.0.0.1,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"  # of a Space: they say from where a call comes


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
        logging.basicConfig(level=settings.log_level.upper(), format=LINE)
        kept = f"in {settings.home_dir}" if log else "nowhere (OMNIEDIT_LOG)"
        logging.getLogger("omniedit").info("Edits are kept %s.", kept)
        if on_space:
            os.environ.setdefault("FORWARDED_ALLOW_IPS", PROXIES)  # uvicorn's: else all callers have one address
            if users is None and settings.quota_gb is None:
                settings = settings.model_copy(update={"quota_gb": QUOTA_GB})
        guard_decoders()
        import_gradio()
        from omniedit.services.album import Album
        from omniedit.services.editing import EditingService
        from omniedit.services.examples import examples
        from omniedit.services.fetching import Fetcher
        from omniedit.services.tidying import Tidier
        from ui.page import build_page
        from ui.serve import serve
        from ui.sessions import Sessions

        sessions = Sessions(is_private(host) and users is None, people.role if people else lambda name: None)
        fetcher = Fetcher()
        tidier = None if log is None else Tidier(log, settings.bin_days)
        service = EditingService(settings) if tidier is None else EditingService(settings, tidier.log, tidier.later)
        album = None if tidier is None else Album(tidier.log, settings.recipes, tidier.later)
        page = build_page(service, sessions, examples(), album, fetcher)
        later = (service.load, *([tidier.start] if tidier else []))
        serve(page, sessions, host, port, Limits().bytes, settings.home_dir, users, later)
        fetcher.close()
        if tidier is not None:
            tidier.close()
    except OmniEditError as error:
        print(f"omniedit: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
