"""Where the master key comes from: keyring, environment, an external command, or a file.

A source holds one key, or two while a rotation runs (the new one first), each as base64 of 32
bytes, separated by a comma or white space.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from server.settings import Settings
from server.store.errors import KeyMissingError, StoreError
from server.store.sealing import KEY_BYTES, MasterKey

ENVIRONMENT = "REMITLENS_KEY"
KEYRING_SERVICE = "remitlens"
COMMAND_SECONDS = 30

Place = Literal["keyring", "environment", "command", "file"]


def new_key() -> MasterKey:
    """A fresh random key."""
    return MasterKey(secrets.token_bytes(KEY_BYTES))


def encode(keys: Sequence[MasterKey]) -> str:
    """Keys as their source holds them."""
    return ",".join(base64.b64encode(key.secret).decode() for key in keys)


def decode(text: str, where: str) -> list[MasterKey]:
    """Keys from a source's text; raises StoreError that names the source, not the text."""
    keys = []
    for word in text.replace(",", " ").split():
        try:
            raw = base64.b64decode(word, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != KEY_BYTES:
            raise StoreError(f"{where}: not a key (base64 of {KEY_BYTES} bytes is wanted)")
        keys.append(MasterKey(raw))
    return keys


def key_file(settings: Settings) -> Path:
    """The fallback file, readable by its owner alone."""
    return settings.home / "key"


def _account(settings: Settings) -> str:
    # One entry a home folder: two installations of one user do not share a key.
    return str(settings.home.resolve())


def _keyring_works() -> bool:
    import keyring
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    return not isinstance(backend, (fail.Keyring, null.Keyring)) and backend.priority >= 1


def _from_keyring(settings: Settings) -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(KEYRING_SERVICE, _account(settings)) or ""
    except (KeyringError, RuntimeError) as error:
        raise StoreError(f"the keyring cannot be read ({type(error).__name__})") from None


def _from_command(command: str) -> str:
    if not command:
        raise StoreError('keys.command is empty, but keys.source = "command"')
    try:
        done = subprocess.run(
            shlex.split(command),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise StoreError(f"keys.command did not run ({type(error).__name__})") from None
    if done.returncode:
        raise StoreError(f"keys.command ended with exit code {done.returncode}")
    return done.stdout


def _from_file(settings: Settings) -> str:
    file = key_file(settings)
    try:
        mode = file.stat().st_mode
        if mode & 0o077:
            raise StoreError(f"{file}: others can read the key; set its mode to 0600")
        return file.read_text(encoding="ascii")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{file}: cannot be read ({type(error).__name__})") from None


def find(settings: Settings) -> tuple[Place, list[MasterKey]] | None:
    """The place that holds a key and its keys; None where none does.

    `auto` looks at the environment, which was set on purpose, then a working keyring, then the
    file.
    """
    source = settings.keys.source
    if source == "command":
        found = decode(_from_command(settings.keys.command), "keys.command")
        return ("command", found) if found else None
    if source in ("auto", "environment"):
        found = decode(os.environ.get(ENVIRONMENT, ""), ENVIRONMENT)
        if found:
            return "environment", found
    if source == "keyring" or (source == "auto" and _keyring_works()):
        found = decode(_from_keyring(settings), "the keyring's entry")
        if found:
            return "keyring", found
    if source in ("auto", "file"):
        found = decode(_from_file(settings), str(key_file(settings)))
        if found:
            return "file", found
    return None


def require(settings: Settings) -> list[MasterKey]:
    """The keys; raises KeyMissingError where there is none."""
    found = find(settings)
    if found is None:
        raise KeyMissingError(
            "no key found: run `remitlens keys init`, or see [keys] in settings.toml"
        )
    return found[1]


def writable_place(settings: Settings) -> Place | None:
    """Where a new key can be put; None where only the user can (environment, command)."""
    source = settings.keys.source
    if source == "keyring":
        return "keyring"
    if source == "auto" and _keyring_works():
        return "keyring"
    return "file" if source in ("auto", "file") else None


def write(settings: Settings, keys: Sequence[MasterKey], place: Place) -> None:
    """Put the keys in their place, replacing what stands there."""
    if place == "keyring":
        import keyring

        keyring.set_password(KEYRING_SERVICE, _account(settings), encode(keys))
        return
    if place != "file":
        raise StoreError(f"a key cannot be written to the {place}; put it there yourself")
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = key_file(settings)
    fresh = file.with_name("key.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(encode(keys) + "\n")
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
