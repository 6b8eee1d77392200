"""The portals' front desk: who may sign in, who is signed in, what was counted, what is broken.

Every submit of a login form is counted here, on the portal's side, so that tests can hold the
sweep to its word.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import pyotp

from scrapers.sandbox.claims import PORTALS
from scrapers.secrets import Credentials

FAULTS = (
    "wrong_password", "lockout", "terms", "expired_password", "captcha", "sms", "slow_down",
    "server_error", "maintenance", "renamed_header", "empty_claim", "one_day", "twice",
    "login_page", "half_loaded", "very_slow", "blocked", "absent_row",
    "slow_login", "strange_login",
)  # fmt: skip
"""Switches of `thicket`; an account of that name has the fault from the start."""
SMS_CODE = "314159"
_TRIES = 3


def account_name(portal: str, name: str = "office") -> str:
    return f"{name}@{portal}.example"


def account_of(portal: str, name: str = "office") -> Credentials:
    """What the sandbox's own accounts sign in with: published, made for nothing else."""
    seed = hashlib.sha256(f"remitlens sandbox {portal} {name}".encode()).digest()[:20]
    return Credentials(
        username=account_name(portal, name),
        password=f"Sandbox-{portal}-107",
        totp=base64.b32encode(seed).decode(),
    )


@dataclass
class Session:
    """A browser that is signed in, or half way there."""

    portal: str
    account: str
    verified: bool = False
    terms: bool = True
    left: int | None = None
    """Requests until the session ends; None: no end."""
    searched: str = ""
    """What a classic page shows until the next search is answered."""


@dataclass
class Desk:
    """All state of a running sandbox."""

    sessions: dict[str, Session] = field(default_factory=dict)
    counted: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    looks: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)
    trusted: dict[str, tuple[str, str]] = field(default_factory=dict)
    delay: float = 0.15
    """Seconds a page takes to render what it fetched."""
    slow: float = 6.0
    """Seconds an answer takes where slowness is the fault."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    def known(self, portal: str, username: str) -> str | None:
        """The account's short name; `office`, `office-2`, ... exist everywhere."""
        name, _, host = username.strip().casefold().partition("@")
        if portal not in PORTALS or host != f"{portal}.example":
            return None
        if re.fullmatch(r"office(-\d{1,4})?", name):
            return name
        return name if portal == "thicket" and name in FAULTS else None

    def count(self, portal: str, account: str, what: str) -> None:
        with self.lock:
            self.counted.setdefault((portal, account), Counter())[what] += 1

    def look(self, portal: str, account: str) -> None:
        """One claim was looked up."""
        with self.lock:
            self.count(portal, account, "looks")
            self.looks.setdefault((portal, account), []).append(time.monotonic())

    def fault(self, portal: str, account: str) -> str:
        """The account's fault; "" where it has none."""
        named = account if portal == "thicket" and account in FAULTS else ""
        return self.faults.get((portal, account), named)

    def check(self, portal: str, username: str, password: str) -> tuple[str, str | None]:
        """Count a submit and judge it: (`ok`, `wrong` or `locked`; account)."""
        account = self.known(portal, username)
        with self.lock:
            self.count(portal, account or "unknown", "submits")
            if account is None:
                return "wrong", None
            key = (portal, account)
            fault = self.fault(portal, account)
            if fault == "lockout" or self.wrong[key] >= _TRIES:
                return "locked", account
            right = secrets.compare_digest(
                password.encode(), account_of(portal, account).password.encode()
            )
            if fault == "wrong_password" or not right:
                self.wrong[key] += 1
                return ("locked" if self.wrong[key] >= _TRIES else "wrong"), account
            self.wrong[key] = 0
            return "ok", account

    def right_code(self, portal: str, account: str, code: str) -> bool:
        """TOTP as RFC 6238, the period before and after taken as well; SMS codes are fixed."""
        if self.fault(portal, account) == "sms":
            return code.strip() == SMS_CODE
        return bool(
            pyotp.TOTP(account_of(portal, account).totp).verify(code.strip(), valid_window=1)
        )

    def begin(self, portal: str, account: str, **more: bool | int | None) -> str:
        """A new session's token."""
        token = secrets.token_urlsafe(18)
        with self.lock:
            self.sessions[token] = Session(portal, account, **more)  # type: ignore[arg-type]
        return token

    def signed_in(self, token: str) -> None:
        session = self.sessions[token]
        session.verified = True
        with self.lock:
            self.count(session.portal, session.account, "sign_ins")
            live = sum(
                1 for s in self.sessions.values()
                if s.verified and (s.portal, s.account) == (session.portal, session.account)
            )  # fmt: skip
            counter = self.counted[(session.portal, session.account)]
            counter["most_sessions"] = max(counter["most_sessions"], live)

    def session(self, portal: str, token: str | None) -> Session | None:
        """The live session of a cookie; counts down those that end by themselves."""
        with self.lock:
            session = self.sessions.get(token or "")
            if session is None or session.portal != portal:
                return None
            if session.left is not None:
                session.left -= 1
                if session.left < 0:
                    self.end(token or "")
                    return None
            return session

    def end(self, token: str) -> None:
        with self.lock:
            self.sessions.pop(token, None)

    def counts(self) -> dict[str, dict[str, dict[str, int]]]:
        """Everything counted, by portal and account; `busiest_minute` is looks within 60 s."""
        with self.lock:
            told: dict[str, dict[str, dict[str, int]]] = {}
            for (portal, account), counter in self.counted.items():
                at = self.looks.get((portal, account), [])
                busiest = max((sum(1 for u in at if 0 <= u - t < 60) for t in at), default=0)
                told.setdefault(portal, {})[account] = {**counter, "busiest_minute": busiest}
            return told

    def reset(self) -> None:
        """Forget sessions, counts, wrong tries and faults set over the control address."""
        with self.lock:
            for part in (self.sessions, self.counted, self.looks, self.wrong, self.faults,
                         self.tickets, self.trusted):  # fmt: skip
                part.clear()
