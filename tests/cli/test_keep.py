"""`remitlens backup`, `restore`, `purge`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_backup_and_restore(ready: Run, tmp_path: Path) -> None:
    file = tmp_path / "kept.tar"
    assert ready("backup", file).exit_code == 0
    assert ready("backup", file).exit_code == 2
    assert ready("purge", "--before", "2026-06-01", "--yes").stdout.startswith("1 patients gone")
    assert "0 lines" in ready("lines", "list").stdout
    refused = ready("restore", file)
    assert refused.exit_code == 2
    assert "--replace" in refused.stderr
    done = ready("restore", file, "--replace")
    assert done.exit_code == 0
    assert "the audit trail holds" in done.stdout
    assert "1 lines" in ready("lines", "list").stdout
    assert ready("audit", "verify").exit_code == 0
    assert (tmp_path / "home").glob("*.before-*")


def test_purge_asks(ready: Run) -> None:
    assert ready("purge", "--before", "2026-06-01", input="n\n").exit_code != 0
    assert "1 lines" in ready("lines", "list").stdout
    assert ready("purge", "--before", "2999-01-01", "--yes").exit_code == 2


def test_restore_of_something_else(run: Run, tmp_path: Path) -> None:
    run("keys", "init")
    file = tmp_path / "x.tar"
    file.write_text("no backup")
    done = run("restore", file)
    assert done.exit_code == 2
    assert "not a backup" in done.stderr
