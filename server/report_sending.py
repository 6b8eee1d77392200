"""Sending the morning report: by SMTP, HTML with plain text beside it, or to a webhook as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import smtplib
import ssl
import subprocess
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

import requests

from server.errors import UserError
from server.settings import MailSettings, SecretSettings, Settings

PASSWORD = "REMITLENS_MAIL_PASSWORD"  # noqa: S105  the name of a variable, not its value
_SECRET = "mail"  # noqa: S105  the name of an entry
_SERVICE = "remitlens"
_SECONDS = 20


class SendError(UserError):
    """A report that did not go out: says where to and why, in one line."""


def message(mail: MailSettings, subject: str, text: str, html: str, at: datetime) -> EmailMessage:
    """The mail: multipart/alternative, plain text first."""
    made = EmailMessage()
    made["Subject"] = subject
    made["From"] = mail.sender
    made["To"] = ", ".join(mail.recipients)
    made["Date"] = format_datetime(at)
    made["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2] or "localhost")
    # Says to out-of-office programs that nobody waits for an answer (RFC 3834).
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    made.add_alternative(html, subtype="html")
    return made


def by_mail(settings: Settings, made: EmailMessage) -> None:
    """Hand a mail to the server of the settings; raises SendError."""
    mail = settings.mail
    where = f"{mail.smtp_host}:{mail.smtp_port}"
    try:
        with smtplib.SMTP(mail.smtp_host, mail.smtp_port, timeout=_SECONDS) as server:
            if mail.starttls:
                server.starttls(context=ssl.create_default_context())
            if mail.username:
                _sign_in(server, settings, where)
            refused = server.send_message(made)
    except smtplib.SMTPRecipientsRefused:
        raise SendError(f"mail server {where}: refuses every recipient") from None
    except smtplib.SMTPNotSupportedError:
        raise SendError(f"mail server {where}: does not offer what the settings ask") from None
    except (OSError, smtplib.SMTPException) as error:
        raise SendError(f"mail server {where}: {_cause(error)}") from None
    if refused:
        raise SendError(f"mail server {where}: refuses {len(refused)} of the recipients")


def _sign_in(server: smtplib.SMTP, settings: Settings, where: str) -> None:
    mail = settings.mail
    if not mail.starttls and mail.smtp_host not in ("127.0.0.1", "localhost", "::1"):
        raise SendError(f"mail server {where}: a password needs mail.starttls")
    try:
        server.login(mail.username, password(settings.secrets))
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPServerDisconnected):
        # Some servers hang up after a wrong password.
        raise SendError(f"mail server {where}: refuses the user name or password") from None


def _cause(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "does not answer"
    if isinstance(error, ConnectionRefusedError):
        return "refuses the connection"
    return f"cannot be used ({type(error).__name__})"


def by_webhook(address: str, shown: Mapping[str, Any]) -> None:
    """Post the counts as JSON; raises SendError. By https, but for this machine itself."""
    if not address.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise SendError("mail.webhook: must be an https address")
    try:
        answer = requests.post(
            address,
            data=json.dumps(shown),
            headers={"Content-Type": "application/json"},
            timeout=_SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        # The address may hold a secret and is not shown.
        raise SendError(f"mail.webhook: cannot be reached ({type(error).__name__})") from None
    if not 200 <= answer.status_code < 300:
        raise SendError(f"mail.webhook: answers {answer.status_code}")


def password(secrets: SecretSettings) -> str:
    """The mail server's password: environment, command or keyring; raises SendError."""
    found = os.environ.get(PASSWORD, "")
    if not found and secrets.command and secrets.source in ("auto", "command"):
        found = _from_command(secrets.command)
    if not found and secrets.source in ("auto", "keyring"):
        found = _from_keyring()
    if not found:
        raise SendError(
            f"mail.username is set and no password: set {PASSWORD}, or keep it in the keyring "
            f"with `keyring set {_SERVICE} {_SECRET}`"
        )
    return found


def _from_command(command: str) -> str:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(
            [*shlex.split(command), _SECRET], capture_output=True, timeout=_SECONDS, check=True
        )
        return _within(done.stdout.decode("utf-8", "replace"))
    return ""


def _from_keyring() -> str:
    import keyring
    from keyring.errors import KeyringError

    with contextlib.suppress(KeyringError, RuntimeError):
        return _within(keyring.get_password(_SERVICE, _SECRET) or "")
    return ""


def _within(kept: str) -> str:
    """A password as it stands, or out of JSON with a `password`."""
    try:
        found = json.loads(kept)
    except ValueError:
        return kept.strip()
    return str(found.get("password", "")) if isinstance(found, dict) else kept.strip()
