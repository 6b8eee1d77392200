"""The command line as a person uses it, with a home, a key and rules of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import cli
from server.errors import UserError
from server.settings import settings
from server.store import keys

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "tests/co107/cases/6j-worked-example"

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs `remitlens ...`; a UserError is one line and exit code 2, as in a terminal."""
    config = tmp_path / "config"
    shutil.copytree(EXAMPLE / "payers", config / "payers")
    (config / "pairs").mkdir()
    shutil.copy(EXAMPLE / "pairs.csv", config / "pairs/starter.csv")
    (config / "settings.toml").write_text("")
    monkeypatch.setenv("REMITLENS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REMITLENS_CONFIG", str(config))
    monkeypatch.setenv("REMITLENS_KEYS__SOURCE", "file")
    monkeypatch.delenv(keys.ENVIRONMENT, raising=False)
    settings.cache_clear()

    def call(*words: object, **named: object) -> Result:
        settings.cache_clear()
        done = CliRunner().invoke(cli, [str(word) for word in words], **named)
        if isinstance(done.exception, UserError):
            message = str(done.exception)
            assert "\n" not in message
            done.exit_code = 2
            done.stderr_bytes = f"remitlens: {message}\n".encode()
        elif done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    yield call
    settings.cache_clear()


@pytest.fixture
def ready(run: Run) -> Run:
    """As `run`, with a key and the worked example taken in, as of 2026-03-01."""
    assert run("keys", "init").exit_code == 0
    files = [file for file in EXAMPLE.iterdir() if file.suffix in (".835", ".837")]
    files.append(EXAMPLE / "charges.csv")
    assert run("import", *files, "--today", "2026-03-01").exit_code == 0
    return run
