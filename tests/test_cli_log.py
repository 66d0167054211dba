"""The log by the command line: what was edited, again and elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from omniedit.cli import main
from omniedit.recipe import read_recipe
from tests.logs import small_photo


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a photo in it."""
    monkeypatch.chdir(tmp_path)
    small_photo().save("photo.png")
    return tmp_path


def edit(capsys: pytest.CaptureFixture[str], words: str, out: str, *more: str) -> str:
    """The id of an edit."""
    assert main(["edit", "photo.png", words, "-o", out, "--json", *more]) == 0
    name = json.loads(capsys.readouterr().out)["edit"]
    assert isinstance(name, str)
    return name


def said(capsys: pytest.CaptureFixture[str], status: int, *arguments: str) -> str:
    assert main(arguments) == status
    found = capsys.readouterr()
    return found.out if status != 2 else found.err


def test_what_was_edited_is_listed_shown_and_done_again(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = edit(capsys, "make it sepia", "one.png", "--consent", "--seed", "3")
    second = edit(capsys, "make it night", "two.png", "--from", first)
    assert [line.split()[0] for line in said(capsys, 0, "log").splitlines()] == [second, first]
    for chosen, found in (
        (["--task", "style"], [first]),
        (["--text", "nig"], [second]),
        (["--engine", "specialists", "--status", "done", "--since", "1h"], [second, first]),
        (["--status", "failed"], []),
        (["--limit", "1"], [second]),
        (["--before", second], [first]),
    ):
        assert [row["id"] for row in json.loads(said(capsys, 0, "log", "--json", *chosen))] == found, chosen
    facts = json.loads(said(capsys, 0, "show", second, "--json", "--save", "kept"))
    assert facts["parent"] == first and facts["status"] == "done" and "number" not in facts
    assert sorted(os.listdir("kept")) == ["manifest.json", "result-1.png", "source.png"]
    with Image.open("kept/result-1.png") as kept, Image.open("two.png") as made:
        assert np.array_equal(np.asarray(kept), np.asarray(made))
    assert "instruction make it sepia" in said(capsys, 0, "show", first)
    assert "is the same to the bit" in said(capsys, 0, "replay", first)
    recipe = read_recipe("one.png")
    assert recipe is not None and (recipe.edit, recipe.seed, recipe.instruction) == (first, 3, "make it sepia")


def test_an_edit_is_changed(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = edit(capsys, "make it sepia", "one.png", "--no-consent")
    said(capsys, 0, "change", name, "--title", "Café", "--star", "--consent", "--bin")
    facts = json.loads(said(capsys, 0, "show", name, "--json"))
    assert (facts["title"], facts["starred"], facts["consent"]) == ("Café", True, True)
    assert said(capsys, 0, "log") == "" and name in said(capsys, 0, "log", "--bin")
    said(capsys, 0, "change", name, "--title", "", "--no-star", "--no-consent", "--no-bin")
    facts = json.loads(said(capsys, 0, "show", name, "--json"))
    assert (facts["title"], facts["starred"], facts["consent"], facts["binned"]) == (None, False, False, None)


def test_a_replay_that_differs_has_another_status(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = edit(capsys, "make it sepia", "one.png")
    monkeypatch.setattr("omniedit.services.log.EditLog.picture", lambda *_: small_photo(9))
    assert "Variant 1 differs in" in said(capsys, 1, "replay", name)


@pytest.mark.parametrize("target", ["kept", "kept.parquet"])
def test_edits_go_to_another_installation(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    name = edit(capsys, "make it sepia", "one.png")
    before = said(capsys, 0, "show", name, "--json")
    assert "Wrote 1 edits" in said(capsys, 0, "export", target)
    monkeypatch.setenv("OMNIEDIT_HOME", str(work / "elsewhere"))
    assert "Took in 1 edits; 0 were here" in said(capsys, 0, "import", target)
    assert said(capsys, 0, "show", name, "--json") == before
    assert "is the same to the bit" in said(capsys, 0, "replay", name)
    assert said(capsys, 0, "doctor").count("fine") >= 3
    assert "Removed 0 edits" in said(capsys, 0, "gc")


def test_a_doctor_who_finds_something_says_so(work: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(capsys, "make it sepia", "one.png")
    next((home / "pictures").rglob("*.png")).unlink()
    (finding,) = [f for f in json.loads(said(capsys, 1, "doctor", "--json")) if f["state"] == "wrong"]
    assert finding["about"] == "pictures" and "is missing" in finding["says"]


def test_what_fails_is_in_the_log_with_its_reason(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["edit", "photo.png", "remove the unicorn", "-o", "no.png", "--engine", "specialists"]) == 2
    sentence = capsys.readouterr().err.removeprefix("omniedit: ").strip()
    (row,) = json.loads(said(capsys, 0, "log", "--json"))
    assert (row["status"], row["error"], row["task"]) == ("failed", sentence, "removal")
    assert "is failed, so there is nothing to compare with" in said(capsys, 2, "replay", row["id"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show", "nothing"], "There is no edit 'nothing'"),
        (["replay", "nothing"], "There is no edit 'nothing'"),
        (["log", "--status", "odd"], "The status is 'odd'"),
        (["log", "--task", "odd"], "Unknown task 'odd'"),
        (["log", "--limit", "0"], "A page of 0 edits"),
        (["log", "--text", "&&"], "has no word to search for"),
        (["log", "--before", "nothing"], "There is no edit 'nothing'"),
        (["gc", "--older", "-1"], "--older is -1"),
        (["gc", "--older", "99999999999"], "--older is 99999999999"),
        (["change", "nothing", "--star"], "There is no edit 'nothing'"),
        (["show", "\udcff"], "holds bytes that are not text"),
        (["log", "--engine", "\udcff"], "holds bytes that are not text"),
        (["export", "no/where.parquet"], "There is no folder 'no'"),
        (["import", "gone"], "is nothing that export wrote"),
        (["edit", "photo.png", "make it night", "-o", "x.png", "--from", "nothing"], "There is no edit 'nothing'"),
    ],
)
def test_what_cannot_be_asked_for_is_one_sentence(
    work: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    found = said(capsys, 2, *arguments)
    assert sentence in found and found.count("\n") == 1
    assert sorted(os.listdir(work)) == ["photo.png"]


def test_times_that_are_none_are_refused(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ("yesterday", "99999999d", "2026-13-01"):
        with pytest.raises(SystemExit) as stopped:
            main(["log", "--since", words])
        assert stopped.value.code == 2 and "is no date" in capsys.readouterr().err


def test_nothing_is_kept_where_the_log_is_off(
    work: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNIEDIT_LOG", "false")
    monkeypatch.setenv("OMNIEDIT_RECIPES", "false")
    assert main(["edit", "photo.png", "make it sepia", "-o", "one.png", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["edit"] is None
    assert list(home.iterdir()) == [] and read_recipe("one.png") is None
