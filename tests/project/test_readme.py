"""The README as a newcomer meets it: a fresh clone, none of our caches, each command run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line
]
FINDS_SOMETHING = {"./run scrub var/sandbox/practice/meridian.837": 1}
"""Commands whose exit code says that they found something; all others end with 0."""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("this copy of the project is no git checkout")
    folder = tmp_path_factory.mktemp("newcomer") / "remitlens"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True, timeout=120)
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment without anything of ours: no virtual environment, no cache, no setting."""
    told = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("REMITLENS_", "VIRTUAL_ENV", "PYTHON", "COV_", "PYTEST_"))
    }
    ours = str(ROOT / ".venv")
    told["PATH"] = ":".join(one for one in told["PATH"].split(":") if not one.startswith(ours))
    told["PIP_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    told["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("share"))
    return told


def run(command: str, clone: Path, bare: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command],
        cwd=clone,
        env=bare,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=420,
        check=False,
    )


@pytest.mark.browser
@pytest.mark.timeout(900)
def test_every_command_of_the_readme_works_on_a_fresh_clone(clone: Path, bare: dict) -> None:
    assert COMMANDS[:2] == ["./run --once", "./test"]
    assert len(COMMANDS) > 10
    for command in COMMANDS:
        if command == "./test":
            # This very run is its proof; a second one inside would never end.
            assert os.access(clone / "test", os.X_OK)
            continue
        done = run(command, clone, bare)
        told = (command, done.stdout[-1500:], done.stderr[-1500:])
        assert done.returncode == FINDS_SOMETHING.get(command, 0), told
        assert "Traceback" not in done.stderr, told
        assert done.stdout.strip(), told
    assert list((clone / "var" / "packets").iterdir())
    assert (clone / "var" / "night.html").read_text(encoding="utf-8").startswith("<!")


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_the_main_job_prints_its_table_and_a_repeat_changes_nothing(
    clone: Path, bare: dict
) -> None:
    home = {**bare, "REMITLENS_HOME": str(clone / "var" / "again")}
    first, second = (run("./run --once", clone, home) for _ in range(2))
    assert first.returncode == second.returncode == 0, second.stderr[-1500:]
    assert re.search(r"MH-20417 +22614 .* 1,150\.00 +ready +primary_not_billed", first.stdout)
    assert "meridian.837: nothing new" in second.stdout
    table = [line for line in first.stdout.splitlines() if "MERIDIAN HEALTH PLAN" in line]
    again = [line for line in second.stdout.splitlines() if "MERIDIAN HEALTH PLAN" in line]
    assert table == again
    assert len(table) > 5


@pytest.fixture
def serving(clone: Path, bare: dict) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {**bare, "REMITLENS_SERVER__PORT": str(port)}
    process = subprocess.Popen(
        ["./run"],
        cwd=clone,
        env=told,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_it_keeps_serving_and_refuses_a_second_run_beside_it(
    clone: Path, bare: dict, serving: tuple
) -> None:
    address, process = serving
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:
                assert answer.status == 200
                break
        except OSError:
            assert process.poll() is None, process.stdout.read()[-2000:]
            time.sleep(0.5)
    else:
        pytest.fail("it never answered")
    second = run("./run --once", clone, bare)
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1
    assert "another run" in second.stderr


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.startswith("./run ")])
def test_commands_are_plain_words(command: str) -> None:
    assert shlex.split(command)[0] == "./run"


def test_links_and_pictures_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)", README):
        if "://" not in target:
            assert (ROOT / target).exists(), target
