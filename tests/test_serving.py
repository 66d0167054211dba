"""The app on the network: what its log says of people, what it fetches, and that it ends when it is told to."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import gradio as gr
import gradio.processing_utils
import pytest

from omniedit.services.log import open_log
from omniedit.settings import Settings, assets_dir
from tests.pages import within_page
from tests.raw_pages import RawPage, caller, edit_of, file_of
from tests.running import ROOT, STARTED
from ui import serve as module
from ui.guard import Belongings, Studio

STUBBORN = """
import sys, threading
from types import SimpleNamespace
from omniedit.services import editing
from ui import serve
serve.PATIENCE = serve.LAST = 1.0
editing.load_engine = lambda *_: SimpleNamespace(edit=lambda *_: threading.Event().wait(600))
sys.argv = ["app.py"]
import app
sys.exit(app.main())
"""


@pytest.mark.slow
def test_an_edit_that_does_not_stop_keeps_no_app_from_ending(tmp_path: Path) -> None:

    environment = {**os.environ, "OMNIEDIT_PORT": "0", "OMNIEDIT_HOME": str(tmp_path / "home")}
    with (tmp_path / "app.log").open("w") as log:
        app = subprocess.Popen(
            [sys.executable, "-c", STUBBORN], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert app.stdout is not None
    try:
        found = STARTED.search(app.stdout.readline())
        assert found is not None, (tmp_path / "app.log").read_text()
        with caller(f"http://127.0.0.1:{found[1]}") as client:
            page = RawPage(client, "page")
            photo = page.upload((assets_dir() / "photos" / "chelsea.jpg").read_bytes())
            assert page.join(page.index("/edit"), edit_of(file_of(photo))).status_code == 200
            assert _statuses(tmp_path, "running")
        app.send_signal(signal.SIGTERM)
        assert app.wait(timeout=20) == 0
    finally:
        app.kill()
        app.wait()
        app.stdout.close()
    said = (tmp_path / "app.log").read_text()
    assert "does not stop" in said and "Traceback" not in said
    assert _statuses(tmp_path, "interrupted")


def _statuses(folder: Path, wanted: str) -> bool:
    """Whether the only edit of the log comes to be so, seen by a process that starts now."""
    for _ in range(200):
        log = open_log(Settings(home=folder / "home"))
        found = [entry.status for entry in log.history.page(None)]
        log.close()
        if found == [wanted]:
            return True
        time.sleep(0.05)
    return False


def test_a_sign_in_is_logged_and_its_name_only_if_asked(caplog: pytest.LogCaptureFixture) -> None:
    sign_in = module._aside(lambda name, password, address: password == "right")
    for level in (logging.INFO, logging.DEBUG):
        caplog.set_level(level, "ui.serve")
        assert asyncio.run(sign_in("mary", "right")) and not asyncio.run(sign_in("mary", "wrong"))  # type: ignore[arg-type]
    said = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == "ui.serve"]
    refused = "A sign-in was refused: a wrong name or password, or too many of them."
    assert said[:2] == [("INFO", "Signed in."), ("INFO", refused)]
    assert [text for level, text in said if level == "DEBUG"] == ["It was 'mary'."] * 2
    assert "right" not in caplog.text and "mary" not in "".join(text for level, text in said if level == "INFO")


def test_a_gradio_that_fetches_by_another_name_is_not_started_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(gradio.processing_utils, module.FETCHER)
    with pytest.raises(RuntimeError, match="has no 'async_ssrf_protected_download'"):
        module.fetch_nothing()


def test_a_page_that_nobody_uses_looks_for_work_now_and_then() -> None:
    page = within_page(lambda: gr.context.Context.root_block)
    assert page is not None
    module.look_less_often(page)
    assert {name: getattr(page._queue, name) for name in module.LOOKS} == module.LOOKS
    del page._queue.sleep_when_free
    with pytest.raises(RuntimeError, match="has no 'sleep_when_free'"):
        module.look_less_often(page)


def test_what_fetches_refuses_every_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradio.processing_utils, module.FETCHER, getattr(gradio.processing_utils, module.FETCHER))
    module.fetch_nothing()
    with pytest.raises(gr.Error, match="upload the file"):
        asyncio.run(gradio.processing_utils.async_ssrf_protected_download("http://127.0.0.1/x.png", "/nowhere"))


def test_what_a_caller_sent_is_in_the_log_only_if_asked(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "1.5 my secret"
    monkeypatch.setattr(gr.Number, "preprocess", lambda self, payload: int(payload))  # its complaint repeats it

    async def called() -> None:
        with Studio() as page:
            count, out = gr.Number(), gr.JSON()
            gr.Button().click(lambda one: one, count, out, api_name="count")
        for level in (logging.INFO, logging.DEBUG):
            caplog.set_level(level, "ui.guard")
            with pytest.raises(gr.Error, match="cannot be read"):
                await page.preprocess_data(page.fns[0], [secret], None)

    asyncio.run(called())
    told = [record.getMessage() for record in caplog.records if record.levelname == "INFO"]
    assert told == ["A call of 'count' with wrong values: ValueError"] * 2
    assert any(secret in record.getMessage() for record in caplog.records if record.levelname == "DEBUG")


def test_belongings_are_forgotten_with_their_files(tmp_path: Path) -> None:
    files = Belongings(str(tmp_path), [str(tmp_path / "shelf.png")])
    (tmp_path / "kept.png").touch()
    files.give("ann", {"value": [{"path": str(tmp_path / "kept.png")}]})
    for number in range(5_000):
        files.give("ann", str(tmp_path / f"{number}.png"))
    assert files.has("ann", str(tmp_path / "kept.png")) and not files.has("bob", str(tmp_path / "kept.png"))
    assert files.has("bob", str(tmp_path / "shelf.png")) and not files.has(None, str(tmp_path / "kept.png"))
    assert len(files._users) < 3_000
    assert files.others("bob", [[str(tmp_path / "kept.png")]]) and not files.others("bob", ["/etc/passwd", "words"])
