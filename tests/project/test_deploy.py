"""What is shipped to deploy with: systemd reads the units, and every command and setting exists."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import yaml

from server.cli import cli
from server.settings import Settings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def takes(words: list[str]) -> bool:
    """Whether the program would take this command line."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None
        command = found
    return command.make_context("remitlens", words) is not None


def is_setting(name: str) -> bool:
    """Whether `REMITLENS_PART__NAME` (or a variable read beside the settings) is one of ours."""
    if name in ("REMITLENS_KEY", "REMITLENS_HOME", "REMITLENS_CONFIG"):
        return True
    part, _, field = name.removeprefix("REMITLENS_").lower().partition("__")
    inner = Settings.model_fields[part].annotation
    return field in inner.model_fields


def test_systemd_reads_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd on this machine")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        # What only the machine of the deployment has: the program, its folder, its user.
        text = text.replace("/opt/remitlens/.venv/bin/remitlens", "/bin/true")
        text = re.sub(r"^(User|WorkingDirectory)=.*\n", "", text, flags=re.MULTILINE)
        (tmp_path / unit.name.replace("@.", "@1.")).write_text(text, encoding="utf-8")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    asked = [str(one) for one in tmp_path.iterdir() if "@." not in one.name]
    done = subprocess.run(
        [program, "verify", *asked], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda one: one.name)
def test_a_unit_starts_a_command_there_is(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    for line in re.findall(r"^ExecStart=\S+/remitlens (.*)$", text, re.MULTILINE):
        assert takes(line.split())
    for name in re.findall(r"REMITLENS_[A-Z_]+", text):
        assert is_setting(name)
    assert unit.suffix == ".timer" or "ExecStart=" in text


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_a_service_of_compose_is_whole(service: str) -> None:
    given = COMPOSE["services"][service]
    if "build" in given:
        assert takes(list(given["command"]))
        assert (DEPLOY / given["build"]["context"] / given["build"]["dockerfile"]).exists()
        assert given["depends_on"] == {"database": {"condition": "service_healthy"}}
    for volume in given.get("volumes", ()):
        place = volume.split(":")[0]
        # `config/` is what the user puts beside the file.
        assert place in COMPOSE["volumes"] or place == "./config" or (DEPLOY / place).exists()
    for name in given.get("environment", {}):
        assert not name.startswith("REMITLENS_") or is_setting(name)


def test_the_settings_compose_asks_for_are_ours() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    names = set(re.findall(r"REMITLENS_[A-Z_]+", text))
    assert len(names) >= 4
    assert all(is_setting(name) for name in names)


def test_the_container_copies_what_is_there() -> None:
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    copied = [word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]]
    assert {"server", "scrapers", "config", "requirements.lock"} <= set(copied)
    assert [one for one in copied if not (DEPLOY.parent / one).exists()] == []
