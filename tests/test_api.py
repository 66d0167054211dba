"""The endpoints, as programs and agents call them: by what the README tells them to type."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from omniedit.engines import ENGINES
from omniedit.settings import assets_dir
from omniedit.types import Task
from tests.running import ROOT, running_app

pytestmark = pytest.mark.slow

README = (ROOT / "README.md").read_text()
CLIENT = """
import json, sys
from gradio_client import Client, handle_file
studio = Client("http://127.0.0.1:7860", verbose=False)
for words, arguments in json.loads(sys.argv[1]):
    if "picture" in arguments:
        arguments["picture"] = handle_file(arguments["picture"])
    try:
        print(json.dumps(studio.predict(**arguments, api_name=words)))
    except Exception as error:
        print(json.dumps(f"{type(error).__name__}: {error}"))
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("app")) as (found, _):
        yield found


def block(kind: str, word: str) -> str:
    """The README's block of code of that kind with that word in it."""
    return next(code for code in re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL) if word in code)


def run(program: str, code: str, address: str, folder: Path, *arguments: str) -> str:
    """What a block prints that is run beside photo.jpg, with the app where it is."""
    shutil.copy(assets_dir() / "photos" / "chelsea.jpg", folder / "photo.jpg")
    command = [program, "-c", code.replace("http://127.0.0.1:7860", address), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ask(address: str, folder: Path, *calls: tuple[str, dict[str, object]]) -> list[object]:
    return [json.loads(line) for line in run(sys.executable, CLIENT, address, folder, json.dumps(calls)).splitlines()]


def test_the_readme_speaks_the_truth_about_clients(address: str, tmp_path: Path) -> None:
    printed = run(sys.executable, block("python", "gradio_client"), address, tmp_path)
    assert "make-it-night.png" in printed and "specialists" in printed and "'says': 'make it night'" in printed


def test_the_readme_speaks_the_truth_about_curl(address: str, tmp_path: Path) -> None:
    printed = run("sh", block("sh", "curl"), address, tmp_path)
    assert printed.count("event: complete") == 2 and '"task": "removal"' in printed
    assert "make-it-night.png" in printed and '"seeds": [0]' in printed


def test_the_readme_speaks_the_truth_about_agents(address: str, tmp_path: Path) -> None:
    printed = run(sys.executable, block("python", "mcp"), address, tmp_path)
    assert "make-it-night.png" in printed and "isError=False" in printed


def test_all_that_can_be_given_is_used(address: str, tmp_path: Path) -> None:
    photo = str(assets_dir() / "photos" / "astronaut.jpg")
    given = {"picture": photo, "instruction": "remove it", "box": "300,100,380,300", "variants": 2, "seed": 7}
    (pictures, facts), understood, edits = ask(
        address,
        tmp_path,
        ("/edit", given),
        ("/parse", {"instruction": "make her dress emerald green"}),
        ("/history", {"search": "remove", "limit": 1}),
    )
    assert len(pictures) == 2 and facts["seeds"] == [7, 8] and facts["size"] == [384, 384]
    assert understood["value"] == "emerald green"
    assert [edit["id"] for edit in edits] == [facts["edit"]]


def test_what_can_be_turned_is_turned_and_consent_is_kept(address: str, tmp_path: Path) -> None:
    night = {"picture": str(assets_dir() / "photos" / "chelsea.jpg"), "instruction": "make it night"}
    by_mini = {**night, "engine": "editnet-mini", "steps": 2, "guidance": 3.5, "consent": True}
    (_, little), (_, much), (_, mini) = ask(
        address,
        tmp_path,
        ("/edit", {**night, "parameters": '{"amount": 0.5}'}),
        ("/edit", {**night, "task": "environment", "consent": False}),
        ("/edit", by_mini),
    )
    assert little["parameters"]["amount"] == 0.5 and much["parameters"]["amount"] == 1
    assert mini["steps"] == 2 and mini["guidance"] == 3.5


def test_what_may_be_given_is_told_to_programs_and_agents(address: str) -> None:
    info = httpx.get(f"{address}/gradio_api/info", timeout=20).json()["named_endpoints"]
    told = {p["parameter_name"]: p for p in (*info["/edit"]["parameters"], *info["/history"]["parameters"])}
    tools = asyncio.run(_tools(f"{address}/gradio_api/mcp/"))
    agents = tools["edit"]["properties"] | tools["history"]["properties"]
    for name, choices in {
        "task": ["", *Task],
        "engine": ["auto", *(engine for engine in ENGINES if engine != "auto")],
        "scope": ["all", "starred", "unfinished", "bin"],
    }.items():
        assert told[name]["type"] == {"type": "string", "enum": choices}, name
        assert agents[name]["enum"] == choices, name
    for name, default in {"task": "", "consent": None, "steps": None, "guidance": None, "parameters": ""}.items():
        assert told[name]["parameter_has_default"] and told[name]["parameter_default"] == default, name
        assert name in agents and agents[name]["description"], name
    assert agents["consent"]["type"] == "boolean" and agents["steps"]["type"] == "integer"


async def _tools(address: str) -> dict[str, Any]:
    """What each tool takes, by its name, as an agent is told."""
    async with (
        streamable_http_client(address) as (reads, writes, _),
        ClientSession(reads, writes) as session,
    ):
        await session.initialize()
        return {tool.name: tool.inputSchema for tool in (await session.list_tools()).tools}


def test_what_is_wrong_is_said_in_a_sentence(address: str, tmp_path: Path) -> None:
    photo = str(assets_dir() / "photos" / "chelsea.jpg")
    night = {"picture": photo, "instruction": "make it night"}
    wrong: list[tuple[str, dict[str, object], str]] = [
        ("/edit", {"picture": str(ROOT / "README.md"), "instruction": "make it night"}, "is text, not a picture"),
        ("/edit", {"picture": "https://example.com/photo.jpg", "instruction": "make it night"}, "upload the file"),
        ("/edit", {**night, "instruction": "hello"}, "Tell me what to change"),
        ("/edit", {**night, "box": "1,2"}, "The box is '1,2'; give 4 whole numbers"),
        ("/edit", {**night, "click": "9999,1"}, "click"),
        ("/edit", {**night, "task": "magic"}, "Unknown task 'magic'"),
        ("/edit", {**night, "engine": "magic"}, "magic"),
        ("/edit", {**night, "variants": 9}, "give 1 to 4"),
        ("/edit", {**night, "steps": 0}, "The number of steps is 0; give 1 to 200"),
        ("/edit", {**night, "guidance": 99}, "The guidance is 99"),
        ("/edit", {**night, "parameters": "amount=1"}, "give JSON with a word or a number for each"),
        ("/edit", {**night, "parameters": '{"amount": [1]}'}, "give JSON with a word or a number for each"),
        ("/edit", {**night, "parameters": '{"colour": "red"}'}, "colour"),
        ("/edit", {**night, "consent": "maybe"}, "The consent is 'maybe'; give true or false"),
        ("/edit", {**night, "parent": "nobody"}, "There is no edit 'nobody'"),
        ("/parse", {"instruction": " "}, "instruction"),
        ("/history", {"scope": "mine"}, "The scope is 'mine'; give one of: all"),
        ("/history", {"limit": 1000}, "give 1 to 100"),
    ]
    said = ask(address, tmp_path, *((name, given) for name, given, _ in wrong))
    for sentence, (name, given, part) in zip(said, wrong, strict=True):
        assert str(sentence).startswith("AppError: ") and part in str(sentence), (name, given, sentence)
        assert "Traceback" not in str(sentence)


@pytest.mark.parametrize(
    ("name", "given"),
    [("parse", {}), ("edit", {"instruction": "make it night"}), ("parse", {"instruction": "x", "my own words": 1})],
)
def test_a_call_with_other_arguments_is_told_so(address: str, name: str, given: dict[str, object]) -> None:
    answer = httpx.post(f"{address}/gradio_api/call/v2/{name}", json=given, timeout=20)
    assert answer.status_code == 422 and "/gradio_api/info lists what a call takes" in answer.json()["detail"]


def test_the_queue_is_not_gone_round(address: str) -> None:
    answer = httpx.post(f"{address}/gradio_api/run/parse", json={"data": ["make it night"]}, timeout=20)
    assert answer.status_code in (401, 403, 404), answer.text[:200]
