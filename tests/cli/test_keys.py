"""`remitlens keys`."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.store import keys as sources
from tests.cli.conftest import Run


def test_init_show_rotate(ready: Run, tmp_path: Path) -> None:
    file = tmp_path / "home" / "key"
    first = file.read_text().strip()
    assert "there already" in ready("keys", "init").stdout
    shown = ready("keys", "show").stdout
    assert "file" in shown
    assert first not in shown
    done = ready("keys", "rotate")
    assert done.exit_code == 0
    second = file.read_text().strip()
    assert second != first
    assert "," not in second
    assert first not in done.output
    assert second not in done.output
    assert "1 lines" in ready("lines", "list").stdout
    file.write_text(first)
    lost = ready("lines", "list")
    assert lost.exit_code == 2
    assert "not this store's" in lost.stderr


def test_rotate_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMITLENS_KEYS__SOURCE", "environment")
    assert run("keys", "init").exit_code == 2
    old = run("keys", "init", "--print").stdout.strip()
    monkeypatch.setenv(sources.ENVIRONMENT, old)
    assert run("lines", "list").exit_code == 0
    assert run("keys", "rotate").exit_code == 2
    new = run("keys", "init", "--print").stdout.strip()
    monkeypatch.setenv(sources.ENVIRONMENT, f"{new},{old}")
    done = run("keys", "rotate")
    assert done.exit_code == 0
    assert "take the old key away" in done.stdout
    monkeypatch.setenv(sources.ENVIRONMENT, new)
    assert run("lines", "list").exit_code == 0


def test_no_key(run: Run) -> None:
    for words in (("keys", "show"), ("keys", "rotate"), ("lines", "list")):
        done = run(*words)
        assert done.exit_code == 2
        assert "keys init" in done.stderr
