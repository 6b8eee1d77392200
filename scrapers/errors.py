"""What can go wrong at a portal: what each means for the account, and what a person is asked.

Messages are built from type, portal, page kind, selector and counts only: nothing read from a page
ever reaches a message, a log or the engine's tables.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Literal

from server.errors import RemitlensError, UserError

Retried = Literal["never", "after_answer", "new_sign_in", "backoff"]
"""`never`; `after_answer`: once a person gave the code; `new_sign_in`: sign in again and repeat;
`backoff`: exponential with jitter, `Retry-After` honoured, bounded in tries and time."""
AccountEffect = Literal["keeps", "stopped", "paused", "waits"]
"""What becomes of the account: it `keeps` working, is `stopped` (a person must mend it before any
further sign-in), `paused` (a person must act on the site), or `waits` for a code."""


_WITH_A_SUBMIT = ("backoff", "new_sign_in")
"""Policies whose repetition would submit the login again."""


class PortalError(RemitlensError):
    """Base of all: carries where it happened, never what stood there."""

    policy: ClassVar[Retried] = "never"
    effect: ClassVar[AccountEffect] = "keeps"
    asks: ClassVar[str] = ""
    """What a person is asked to do; "" where nobody is."""
    asks_after_nights: ClassVar[int] = 0
    """A person is asked only when it happened this many nights in a row; 0: at once."""

    def __init__(
        self,
        portal: str = "",
        page: str = "",
        *,
        what: str = "",
        selector: str = "",
        found: int | None = None,
        expected: str = "",
        submitted: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        self.portal, self.page, self.what = portal, page, what
        self.selector, self.found, self.expected = selector, found, expected
        self.submitted, self.retry_after = submitted, retry_after
        super().__init__(self._line())

    def _line(self) -> str:
        parts = [type(self).__name__]
        if self.portal:
            parts.append(f"portal {self.portal}")
        if self.page:
            parts.append(f"page {self.page}")
        if self.what:
            parts.append(self.what)
        if self.selector:
            parts.append(f"selector {self.selector!r}")
        if self.found is not None:
            parts.append(f"found {self.found}, expected {self.expected}")
        return ": ".join((parts[0], ", ".join(parts[1:]))) if parts[1:] else parts[0]

    @property
    def retried(self) -> Retried:
        """How it may be repeated. A login that was already submitted is never submitted again."""
        return "never" if self.submitted and self.policy in _WITH_A_SUBMIT else self.policy

    @property
    def account(self) -> AccountEffect:
        """What becomes of the account."""
        return self.effect

    def __reduce__(self) -> tuple[Any, ...]:
        state = {
            key: getattr(self, key)
            for key in ("what", "selector", "found", "expected", "submitted", "retry_after")
        }
        return _rebuild, (type(self), self.portal, self.page, state)


def _rebuild(kind: type[PortalError], portal: str, page: str, state: dict[str, Any]) -> PortalError:
    return kind(portal, page, **state)


class WrongPassword(PortalError):
    """The portal refused the password: said only right after a submit, on its positive marker."""

    effect = "stopped"
    asks = "correct the password in the vault, then resume the account"


class AccountLocked(PortalError):
    """The portal says the account is locked."""

    effect = "stopped"
    asks = "call the payer to unlock the account, then resume it"


class ActionNeeded(PortalError):
    """The portal wants a person: terms to accept, an expired password, MFA enrolment (`what`)."""

    effect = "paused"
    asks = "sign in on the payer's site and do what it asks, then resume the account"


class CodeNeeded(PortalError):
    """A one-time code goes out by SMS or e-mail; never asked for unattended."""

    policy = "after_answer"
    effect = "waits"
    asks = "start the sign-in when you can read the code, and type it in"


class CodeRejected(PortalError):
    """The portal refused the TOTP code, and the next period's code too."""

    effect = "paused"
    asks = "check this machine's clock and the account's TOTP secret, then resume the account"


class CaptchaShown(PortalError):
    """A challenge for humans. It is never solved or avoided by the program."""

    effect = "paused"
    asks = "look at the site: it asks for a human; sign in there, then resume the account"


class Blocked(PortalError):
    """The portal refuses us (403, or its own words)."""

    effect = "paused"
    asks = "look at the site, and ask the payer whether automated reading is still allowed"


class SessionExpired(PortalError):
    """A login page stands where a result was expected."""

    policy = "new_sign_in"


class SiteDown(PortalError):
    """Maintenance, a server error, no connection, a page that never finished loading."""

    policy = "backoff"
    asks = "see whether the portal works by hand"
    asks_after_nights = 2


class SlowDown(PortalError):
    """The portal asks for fewer requests (429); `retry_after` is what it named, if anything."""

    policy = "backoff"
    asks = "lower looks_per_minute in the portal's TOML"
    asks_after_nights = 2


class SiteChanged(PortalError):
    """The page is not the page the reader knows: its counts are not met, or something unnamed."""

    asks = "mend the portal's code: run `remitlens portal check`"

    @property
    def account(self) -> AccountEffect:
        """After a submit nobody understood, the next night's submit may be one too many."""
        return "paused" if self.submitted else self.effect


class BadRecord(PortalError):
    """The page contradicts itself, or shows a value that cannot be what its column says."""

    asks = "mend the portal's code, or tell the payer: the page contradicts itself"


class NotFound(PortalError):
    """The portal says positively that it has no such claim. An absent row is `SiteChanged`."""


class PermissionMissing(UserError):
    """The portal's TOML does not allow automated reading: refused before a browser starts."""


class BrowserMissing(UserError):
    """No browser was found; the message holds the command that installs one."""


class CredentialsMissing(UserError):
    """No user name or password for an account; the message says where to put them."""


EVERY_ERROR: tuple[type[PortalError], ...] = (
    WrongPassword,
    AccountLocked,
    ActionNeeded,
    CodeNeeded,
    CodeRejected,
    CaptchaShown,
    Blocked,
    SessionExpired,
    SiteDown,
    SlowDown,
    SiteChanged,
    BadRecord,
    NotFound,
)
