"""Signing in: one submit a call, ever; every way it can end has its own error."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapers.errors import (
    AccountLocked,
    ActionNeeded,
    Blocked,
    CaptchaShown,
    CodeNeeded,
    CodeRejected,
    PortalError,
    SiteChanged,
    SiteDown,
    WrongPassword,
)
from scrapers.secrets import Totp
from scrapers.sign import Sign, signs_shown
from scrapers.walk import Walk, weather

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

    from scrapers.portal import Portal
    from scrapers.secrets import Credentials

AskCode = Callable[[], Awaitable[str]]
"""Gives the code a person read in an SMS or e-mail."""
BeforeSubmit = Callable[[], Awaitable[None]]
"""Called right before the one submit; what it raises, or waits for, comes before the password."""

_POLL_SECONDS = 0.08
_NEXT_PAGE_SECONDS = 2.0
_ENDS: dict[str, tuple[type[PortalError], str]] = {
    "challenge": (CaptchaShown, "a challenge for humans"),
    "blocked": (Blocked, "access refused"),
    "maintenance": (SiteDown, "maintenance page"),
    "locked": (AccountLocked, ""),
    "action_needed": (ActionNeeded, "the site asks something of a person"),
}
_OWN_PAGES = frozenset({"login_page", "session_expired", "terms"})
"""At a sign-in these are steps: there is no session yet that could have ended."""
_AFTER_SUBMIT = ("wrong_password", "code_needed", "terms", "signed_in")


@dataclass(frozen=True, slots=True)
class Clock:
    """Time of day and waiting: given by tests, real otherwise."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


async def sign_in(
    context: BrowserContext,
    portal: Portal,
    credentials: Credentials,
    *,
    ask_code: AskCode | None = None,
    before_submit: BeforeSubmit | None = None,
    clock: Clock | None = None,
) -> Page:
    """Sign in and return the signed-in page; a context that still is signed in submits nothing.

    The form is submitted at most once, whatever happens. An error after that submit carries
    `submitted=True` and is not to be retried. `ask_code` is given only where a person
    waits: without it no code is sent and `CodeNeeded` is raised.

    Raises WrongPassword, AccountLocked, ActionNeeded, CodeNeeded, CodeRejected, CaptchaShown,
    Blocked, SiteDown, SlowDown, SiteChanged.
    """
    page = await context.new_page()
    attempt = _Attempt(
        Walk(page, portal), portal, credentials, ask_code, before_submit, clock or Clock()
    )
    try:
        await attempt.run()
    except PortalError as error:
        await page.close()
        if attempt.submitted and not error.submitted:
            error.submitted = True
        raise
    except BaseException:
        await page.close()
        raise
    finally:
        attempt.walk.close()
    return page


def terms_hash(text: str) -> str:
    """SHA-256 (hex) of a terms text, white space collapsed: what `[terms] sha256` holds."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


class _Attempt:
    """One sign-in on its way."""

    def __init__(
        self,
        walk: Walk,
        portal: Portal,
        credentials: Credentials,
        ask_code: AskCode | None,
        before_submit: BeforeSubmit | None,
        clock: Clock,
    ) -> None:
        self.walk, self.portal, self.credentials = walk, portal, credentials
        self.ask_code, self.before_submit, self.clock = ask_code, before_submit, clock
        walk.expected = _OWN_PAGES
        self.submitted = False
        self._heard = 0

    async def run(self) -> None:
        await self.walk.go(self.portal.login.path, "login")
        state = await self._settle("login", ("signed_in", "terms", "login_page"))
        if state == "login_page":
            await self._submit()
            state = await self._settle("login", _AFTER_SUBMIT)
            if state == "wrong_password":
                raise WrongPassword(self.portal.id, "login", submitted=True)
        if state == "code_needed":
            state = await self._give_code()
        if state == "terms":
            await self._accept_terms()
            state = await self._settle("terms", ("signed_in",))

    async def _submit(self) -> None:
        """Type name and password and press the button: the only place that does."""
        login, walk = self.portal.login, self.walk
        await walk.fill(
            await walk.shown(walk.page, login.username, "login"), self.credentials.username, "login"
        )
        if login.next:
            await walk.press(await walk.shown(walk.page, login.next, "login"), "login")
        password = await walk.shown(walk.page, login.password, "login")
        self._own_host()
        await walk.fill(password, self.credentials.password, "login")
        button = await walk.shown(walk.page, login.submit, "login")
        if self.before_submit:
            await self.before_submit()
        self.submitted, self._heard = True, walk.heard
        await walk.press(button, "login")

    def _own_host(self) -> None:
        """A password is typed only to the portal's own host or one its TOML names."""
        host = urlsplit(self.walk.page.url).hostname or ""
        own = urlsplit(self.portal.base_address).hostname
        if host != own and host not in self.portal.login.hosts:
            raise SiteChanged(self.portal.id, "login", what="the form stands on an unknown host")

    async def _give_code(self) -> str:
        if self.portal.login.mfa == "totp" and self.credentials.totp:
            return await self._totp()
        if self.portal.login.mfa in ("sms", "email") and self.ask_code:
            return await self._sent_code(self.ask_code)
        raise CodeNeeded(self.portal.id, "code", submitted=True)

    async def _totp(self) -> str:
        secret = Totp(self.credentials.totp)
        wanted = ("code_rejected", "terms", "signed_in")
        await self._type_code(secret.at(int(self.clock.now())))
        state = await self._settle("code", wanted)
        if state != "code_rejected":
            return state
        await self.clock.sleep(secret.interval - self.clock.now() % secret.interval + 0.5)
        await self._type_code(secret.at(int(self.clock.now())))
        state = await self._settle("code", wanted)
        if state == "code_rejected":
            raise CodeRejected(self.portal.id, "code", submitted=True)
        return state

    async def _sent_code(self, ask_code: AskCode) -> str:
        walk, login = self.walk, self.portal.login
        if login.send_code:
            await walk.press(await walk.shown(walk.page, login.send_code, "code"), "code")
            await walk.shown(walk.page, login.code, "code")
        await self._type_code(await ask_code())
        state = await self._settle("code", ("code_rejected", "terms", "signed_in"))
        if state == "code_rejected":
            raise CodeRejected(self.portal.id, "code", submitted=True)
        return state

    async def _type_code(self, code: str) -> None:
        walk, login = self.walk, self.portal.login
        await walk.fill(await walk.shown(walk.page, login.code, "code"), code, "code")
        button = await walk.shown(walk.page, login.code_submit, "code")
        # After a second code the first one's refusal still stands until the next page comes.
        moved = asyncio.Event()
        walk.page.once("framenavigated", lambda _frame: moved.set())
        await walk.press(button, "code")
        with suppress(TimeoutError):
            await asyncio.wait_for(moved.wait(), _NEXT_PAGE_SECONDS)

    async def _accept_terms(self) -> None:
        """Accept terms a person accepted before, word for word the same; else ActionNeeded."""
        terms, walk = self.portal.terms, self.walk
        if not (terms.text and terms.accept and terms.accepted_by and terms.accepted_on):
            raise ActionNeeded(self.portal.id, "terms", what="terms to accept")
        text = await walk.shown(walk.page, terms.text, "terms")
        async with weather(self.portal, "terms"):
            shown = await text.text_content(timeout=walk.patience) or ""
        if terms_hash(shown) != terms.sha256:
            raise ActionNeeded(self.portal.id, "terms", what="the terms have changed")
        await walk.press(await walk.shown(walk.page, terms.accept, "terms"), "terms")

    async def _settle(self, kind: str, wanted: tuple[str, ...]) -> str:
        """Wait for the first of the wanted outcomes; raise whatever ends the sign-in instead."""
        names = (*_ENDS, *wanted)
        signs = [
            Sign(name, marker.selector, marker.text)
            for name in names
            for marker in getattr(self.portal.outcomes, name)
        ]
        until = time.monotonic() + self.portal.pacing.seconds_to_wait
        while time.monotonic() < until:
            found = await signs_shown(self.walk.page, signs)
            if self.submitted and self.walk.heard == self._heard:
                # What a refusal says before the site answered, it says of an earlier sign-in.
                found.discard("wrong_password")
            for name in names:
                if name in found and name in _ENDS:
                    error, what = _ENDS[name]
                    raise error(self.portal.id, kind, what=what, submitted=self.submitted)
                if name in found:
                    return name
            self.walk.raise_refusal(kind)
            await asyncio.sleep(_POLL_SECONDS)
        raise await self._nothing_came(kind, wanted)

    async def _nothing_came(self, kind: str, wanted: tuple[str, ...]) -> PortalError:
        if self.submitted and self.walk.heard == self._heard:
            return SiteDown(self.portal.id, kind, what="no answer to the sign-in", submitted=True)
        await self.walk.refuse_other_pages(kind, stuck=True)
        return SiteChanged(
            self.portal.id, kind, selector=" | ".join(wanted), found=0, expected="1",
            submitted=self.submitted,
        )  # fmt: skip
