"""The main job where something is wrong: one clear line, exit code 2, nothing lost."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from scrapers.cli.doctor import Check, examine
from server.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def main_job(home: Path, *arguments: str, **told: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "REMITLENS_HOME": str(home),
        "REMITLENS_CONFIG": str(ROOT / "config"),
        "REMITLENS_KEYS__SOURCE": "file",
        **told,
    }
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, (done.stdout[-500:], done.stderr[-2000:])
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("remitlens: ")
    assert "Traceback" not in done.stderr
    return last


def test_no_browser(tmp_path: Path) -> None:
    done = main_job(tmp_path, "main-job", "--once", REMITLENS_SWEEP__BROWSER="/no/browser")
    assert "no such program" in one_line(done)


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = main_job(tmp_path, "main-job", REMITLENS_SERVER__PORT=str(port))
    line = one_line(done)
    assert f"port {port}" in line
    assert done.stderr.count("\n") == 1


def test_an_unknown_setting(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('practice = "a"\n\n[sweep]\nheadles = true\n', encoding="utf-8")
    line = one_line(main_job(tmp_path, "main-job", "--once", REMITLENS_SETTINGS=str(file)))
    assert f"{file}:4: sweep.headles: unknown key" in line


@pytest.mark.browser
def test_a_wrong_password_is_tried_once_and_what_was_imported_stays(tmp_path: Path) -> None:
    wrong = {"REMITLENS_ACCOUNT_MERIDIAN_OFFICE_PASSWORD": "not-the-password"}
    done = main_job(tmp_path, "main-job", "--once", **wrong)
    line = one_line(done)
    assert "WrongPassword" in line
    assert "correct the password" in line
    assert "not-the-password" not in done.stdout + done.stderr
    assert "MH-20417" in done.stdout
    again = main_job(tmp_path, "account", "list")
    assert "stopped" in again.stdout
    # A stopped account is not tried again until a person resumes it.
    assert "correct the password" in one_line(main_job(tmp_path, "main-job", "--once"))
    assert main_job(tmp_path, "account", "resume", "meridian-office").returncode == 0
    assert main_job(tmp_path, "main-job", "--once").returncode == 0


def test_doctor_says_what_to_do_where_nothing_is_set_up(tmp_path: Path) -> None:
    done = main_job(tmp_path / "new", "doctor")
    assert done.returncode == 2
    assert "remitlens keys init" in done.stdout.replace("\n", " ")
    assert main_job(tmp_path / "new", "keys", "init").returncode == 0
    assert main_job(tmp_path / "new", "doctor").returncode == 0


def test_doctor_tells_how_old_the_code_lists_are(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, config=ROOT / "config")

    def codes(day: date) -> Check:
        return next(one for one in examine(settings, day) if one.name == "codes")

    read = date.fromisoformat(codes(date(2026, 12, 1)).found.rpartition(" ")[2])
    assert codes(read + timedelta(days=180)).verdict == "ok"
    late = codes(read + timedelta(days=181))
    assert (late.verdict, "codes import" in late.do) == ("look", True)
