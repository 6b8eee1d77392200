"""User names, passwords and TOTP secrets: from the environment, the keyring, or a command.

Never from TOML, never from the database. `auto` asks the environment, then the command where one
is set, then the operating system's keyring.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import subprocess
from dataclasses import dataclass, field

import pyotp

from scrapers.errors import CredentialsMissing
from server.settings import SecretSettings

SERVICE = "remitlens"
"""The service's name in the keyring; the entry's user name is the account id."""
_COMMAND_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an account signs in with; its repr shows none of it."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    totp: str = field(default="", repr=False)
    """TOTP secret, base32; "" where the portal asks for none."""


def credentials(account: str, chosen: SecretSettings) -> Credentials:
    """The credentials of one account; raises CredentialsMissing with one line that says where."""
    sources = {
        "environment": _from_environment,
        "command": lambda name: _from_command(name, chosen.command),
        "keyring": _from_keyring,
    }
    if chosen.source != "auto":
        sources = {chosen.source: sources[chosen.source]}
    for read in sources.values():
        found = read(account)
        if found:
            return found
    raise CredentialsMissing(
        f"account {account}: no user name and password: set {variable(account, 'USERNAME')} and "
        f"{variable(account, 'PASSWORD')}, or keep them in the keyring with "
        f"`keyring set {SERVICE} {account}` as JSON with username, password and totp"
    )


class Totp(pyotp.TOTP):
    """TOTP that also takes the 80-bit secrets many portals still hand out."""

    def byte_secret(self) -> bytes:
        text = self.secret.replace(" ", "").rstrip("=")
        return base64.b32decode(text + "=" * (-len(text) % 8), casefold=True)


def variable(account: str, part: str) -> str:
    """The environment variable of one part: `REMITLENS_ACCOUNT_MERIDIAN_OFFICE_PASSWORD`."""
    return f"REMITLENS_ACCOUNT_{re.sub(r'[^A-Za-z0-9]+', '_', account).upper()}_{part}"


def _from_environment(account: str) -> Credentials | None:
    username = os.environ.get(variable(account, "USERNAME"), "")
    password = os.environ.get(variable(account, "PASSWORD"), "")
    if not username or not password:
        return None
    totp = os.environ.get(variable(account, "TOTP"), "")
    return _checked(Credentials(username, password, totp.replace(" ", "")), account)


def _from_keyring(account: str) -> Credentials | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        entry = keyring.get_password(SERVICE, account)
    except KeyringError:
        return None
    return _parsed(entry, account, "the keyring's entry") if entry else None


def _from_command(account: str, command: str) -> Credentials | None:
    if not command:
        return None
    try:
        done = subprocess.run(
            [*shlex.split(command), account],
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise CredentialsMissing(
            f"account {account}: the command of [secrets] did not run ({type(error).__name__})"
        ) from None
    if done.returncode != 0:
        raise CredentialsMissing(
            f"account {account}: the command of [secrets] ended with {done.returncode}"
        )
    return _parsed(done.stdout, account, "the output of the command of [secrets]")


def _parsed(text: str, account: str, what: str) -> Credentials:
    try:
        entry = json.loads(text)
        username, password = entry["username"], entry["password"]
        totp = entry.get("totp") or ""
    except (ValueError, KeyError, TypeError, AttributeError):
        entry = username = password = totp = None
    parts = (username, password, totp)
    if not all(isinstance(part, str) for part in parts) or not username or not password:
        raise CredentialsMissing(
            f"account {account}: {what} is not JSON with username, password and totp"
        )
    found = Credentials(str(username), str(password), str(totp).replace(" ", ""))
    return _checked(found, account)


def _checked(found: Credentials, account: str) -> Credentials:
    """The credentials, if their TOTP secret is one: found out here, not after a login's submit."""
    try:
        if found.totp:
            Totp(found.totp).now()
    except ValueError:
        raise CredentialsMissing(f"account {account}: its totp is no base32 secret") from None
    return found
