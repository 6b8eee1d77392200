"""`remitlens audit`, and that what is done leaves its row."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.cli.conftest import Run


def whats(run: Run) -> list[str]:
    rows = run("audit", "list", "--json", "--limit", "1000").stdout.splitlines()
    return [json.loads(row)["what"] for row in rows]


def test_what_is_done_leaves_its_row(ready: Run, tmp_path: Path) -> None:
    ready("lines", "why", 1)
    ready("lines", "assign", 1, "kim")
    ready("lines", "sent", 1, "--on", "2026-02-20")
    ready("lines", "undo", 1)
    ready("backup", tmp_path / "b.tar")
    ready("people", "add", "ann", "--password", "a long enough password")
    ready("keys", "rotate")
    found = whats(ready)
    for what in (
        "import", "line.view", "line.assign", "line.sent", "line.undo", "backup", "people.add",
        "keys.rotate", "keys.rotated",
    ):  # fmt: skip
        assert what in found, what


def test_rows_hold_no_patient(ready: Run, tmp_path: Path) -> None:
    ready("lines", "list", "--member", "M100", "--name", "Testcase")
    ready("lines", "note", 1, "Testcase called about M100")
    raw = b"".join(file.read_bytes() for file in (tmp_path / "home").glob("*audit*"))
    for planted in (b"M100", b"Testcase", b"TESTCASE", b"ANNA"):
        assert planted not in raw


def test_verify(ready: Run, tmp_path: Path) -> None:
    assert "holds" in ready("audit", "verify").stdout
    database = sqlite3.connect(tmp_path / "home" / "remitlens.audit.sqlite")
    with database:
        database.execute("UPDATE audit SET who = 'nobody' WHERE id = 2")
    database.close()
    done = ready("audit", "verify")
    assert done.exit_code == 1
    assert "row 2" in done.stderr
    assert ready("audit", "verify", "--head", "nonsense").exit_code == 2


def test_list_filters(ready: Run) -> None:
    ready("lines", "why", 1)
    only = ready("audit", "list", "--what", "line.view").stdout
    assert only.count("line.view") == 1
    assert "import" not in only
