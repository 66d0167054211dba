"""Settings come from the environment, and a wrong one is said in a sentence."""

from pathlib import Path

import pytest

from omniedit import settings
from omniedit.errors import BadInput


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(f"OMNIEDIT_{name.upper()}", raising=False)
    found = settings.load_settings()
    assert (found.host, found.port, found.device, found.threads) == ("127.0.0.1", 7860, "auto", None)
    assert found.checkpoint_dir == settings.assets_dir() / "checkpoints" / "omniedit-mini"


def test_environment_is_read_and_makes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OMNIEDIT_CHECKPOINT", str(tmp_path / "mine"))
    monkeypatch.setenv("OMNIEDIT_PORT", "8000")
    monkeypatch.setenv("OMNIEDIT_THREADS", "")
    monkeypatch.setenv("OMNIEDIT_DEVICE", "cuda:1")
    monkeypatch.setenv("OMNIEDIT_LOG_LEVEL", "DEBUG")
    found = settings.load_settings()
    assert (found.port, found.threads, found.device, found.log_level) == (8000, None, "cuda:1", "debug")
    assert found.checkpoint_dir == tmp_path / "mine"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("THREADS", "0"),
        ("DEVICE", "gpu"),
        ("LOG_LEVEL", "loud"),
        ("HOST", "http://here"),
    ],
)
def test_a_wrong_value_is_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"OMNIEDIT_{name}", value)
    with pytest.raises(BadInput, match=f"OMNIEDIT_{name}") as caught:
        settings.load_settings()
    assert value in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("OMNIEDIT_PROT", "perhaps OMNIEDIT_PORT is meant"),
        ("omniedit_hoem", "perhaps OMNIEDIT_HOME is meant"),
        ("OMNIEDIT_", "after OMNIEDIT_ comes one of HOST, PORT"),
        ("OMNIEDIT_GUIDANCE_SCALE", "after OMNIEDIT_ comes one of HOST, PORT"),
    ],
)
def test_a_setting_that_there_is_not_is_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, said: str) -> None:
    monkeypatch.setenv(name, "secret")
    with pytest.raises(BadInput, match=f"There is no setting {name}; {said}") as caught:
        settings.load_settings()
    assert "secret" not in str(caught.value) and "\n" not in str(caught.value)


def test_names_are_read_in_small_letters_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("omniedit_port", "8000")
    assert settings.load_settings().port == 8000


def test_a_wheel_carries_its_assets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "__file__", str(tmp_path / "omniedit" / "settings.py"))
    with pytest.raises(Exception, match="install OmniEdit again"):
        settings.assets_dir()
    (tmp_path / "omniedit" / "_assets").mkdir(parents=True)
    assert settings.assets_dir() == tmp_path / "omniedit" / "_assets"


def test_what_kubernetes_says_of_a_service_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SERVICE_HOST", "SERVICE_PORT_HTTP", "PORT_7860_TCP_ADDR"):
        monkeypatch.setenv(f"OMNIEDIT_{name}", "10.0.0.1")
    settings.load_settings()
