"""`remitlens lines`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_list_and_why(ready: Run) -> None:
    done = ready("lines", "list")
    assert "22614" in done.stdout
    assert "1 lines, 1,150.00 at stake" in done.stdout
    line = json.loads(ready("lines", "list", "--json").stdout)
    assert line["claim"] == "C1"
    told = ready("lines", "why", line["id"]).stdout
    assert "segment" in told
    assert "primary_not_billed" in told
    why = json.loads(ready("lines", "why", line["id"], "--json").stdout)
    assert why["steps"]
    assert why["evidence"]


def test_filters(ready: Run) -> None:
    assert "0 lines" in ready("lines", "list", "--state", "appeal").stdout
    assert "1 lines" in ready("lines", "list", "--claim", "c1", "--member", "m100").stdout
    assert "0 lines" in ready("lines", "list", "--due-to", "2026-08-08").stdout
    assert ready("lines", "list", "--practice", "nowhere").exit_code == 2


def test_sent_and_undo(ready: Run) -> None:
    done = ready("lines", "sent", 1, "--on", "2026-02-20")
    assert "resubmitted" in done.stdout
    assert "0 lines" in ready("lines", "list").stdout
    assert "1 lines" in ready("lines", "list", "--all").stdout
    assert "undone by" in ready("lines", "undo", 1).stdout
    assert "1 lines" in ready("lines", "list").stdout
    assert ready("lines", "undo", 1).exit_code == 2
    assert ready("lines", "sent", 1, "--on", "2999-01-01").exit_code == 2


def test_assign_note_worked(ready: Run) -> None:
    assert "given to kim" in ready("lines", "assign", 1, "kim").stdout
    assert "1 lines" in ready("lines", "list", "--assignee", "kim").stdout
    ready("lines", "note", 1, "called the payer")
    ready("lines", "worked", 1)
    told = ready("lines", "why", 1).stdout
    for word in ("given to kim", "called the payer", "worked"):
        assert word in told


def test_unknown_line(ready: Run) -> None:
    for words in (("why", 9), ("undo", 9), ("note", 9, "x"), ("packet", 9)):
        done = ready("lines", *words)
        assert done.exit_code == 2
        assert "no line 9" in done.stderr


def test_packet(ready: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = ready("lines", "packet", 1, "--out", out)
    if done.exit_code == 2:
        # As of today the example's last day may have passed: then it says so.
        assert "deadline_passed" in done.stderr
        return
    assert {file.suffix for file in out.iterdir()} == {".837", ".html", ".pdf"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in out.iterdir())


def test_decide(ready: Run) -> None:
    assert "1 lines decided" in ready("lines", "decide").stdout
