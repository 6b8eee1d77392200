"""Where the key comes from; no key, no start; a wrong one is one line."""

from __future__ import annotations

import os
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from server.settings import KeySettings, Settings
from server.store import keys, open_store
from server.store.errors import KeyMissingError, KeyWrongError, StoreError

KEY = keys.new_key()


class Memory(KeyringBackend):
    """A keyring that works, for these tests."""

    priority = 5

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_keyring_works", lambda: False)
    monkeypatch.delenv(keys.ENVIRONMENT, raising=False)


def settings(tmp_path: Path, **key: str) -> Settings:
    return Settings(home=tmp_path, keys=KeySettings.model_validate(key))


@pytest.mark.usefixtures("no_keyring")
def test_no_key_no_start(tmp_path: Path) -> None:
    with pytest.raises(KeyMissingError, match="keys init"):
        open_store(settings(tmp_path))


@pytest.mark.usefixtures("no_keyring")
def test_file_round(tmp_path: Path) -> None:
    found = settings(tmp_path)
    keys.write(found, [KEY], "file")
    assert keys.key_file(found).stat().st_mode & 0o777 == 0o600
    assert keys.find(found) == ("file", [KEY])


@pytest.mark.usefixtures("no_keyring")
def test_a_key_others_can_read_is_refused(tmp_path: Path) -> None:
    found = settings(tmp_path)
    keys.write(found, [KEY], "file")
    keys.key_file(found).chmod(0o644)
    with pytest.raises(StoreError, match="0600"):
        keys.find(found)


@pytest.mark.usefixtures("no_keyring")
def test_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings(tmp_path)
    keys.write(found, [keys.new_key()], "file")
    monkeypatch.setenv(keys.ENVIRONMENT, keys.encode([KEY]))
    assert keys.find(found) == ("environment", [KEY])
    assert keys.find(settings(tmp_path, source="file")) != ("environment", [KEY])


def test_a_keyring_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(keys.ENVIRONMENT, raising=False)
    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    try:
        found = settings(tmp_path)
        assert keys.writable_place(found) == "keyring"
        keys.write(found, [KEY], "keyring")
        assert keys.find(found) == ("keyring", [KEY])
        # Another home folder is another installation.
        assert keys.find(settings(tmp_path / "other")) is None
    finally:
        keyring.set_keyring(before)


def test_a_command(tmp_path: Path) -> None:
    script = tmp_path / "vault"
    script.write_text(f"#!/bin/sh\necho {keys.encode([KEY])}\n")
    script.chmod(0o700)
    assert keys.find(settings(tmp_path, source="command", command=str(script))) == (
        "command",
        [KEY],
    )
    script.write_text("#!/bin/sh\necho secret >&2\nexit 3\n")
    with pytest.raises(StoreError, match="exit code 3"):
        keys.find(settings(tmp_path, source="command", command=str(script)))
    for wrong in ("", "/nowhere/at/all", "'"):
        with pytest.raises(StoreError):
            keys.find(settings(tmp_path, source="command", command=wrong))


def test_a_wrong_key_is_one_line(tmp_path: Path) -> None:
    found = settings(tmp_path)
    open_store(found, [KEY]).close()
    with pytest.raises(KeyWrongError) as caught:
        open_store(found, [keys.new_key()])
    assert KEY.key_id.hex() in str(caught.value)
    assert "\n" not in str(caught.value)
    open_store(found, [keys.new_key(), KEY]).close()


def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        open_store(settings(tmp_path / "home"), [KEY]).close()
    finally:
        os.umask(old)
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0
    files = list((tmp_path / "home").glob("*.sqlite*"))
    assert len(files) >= 2
    assert all(file.stat().st_mode & 0o077 == 0 for file in files if file.suffix != ".lock")
