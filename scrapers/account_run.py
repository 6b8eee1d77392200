"""One account's part of a sweep: sign in, look up each planned claim, hand over what was read.

Everything it did stands in the store after each visit, so that another worker can go on where this
one was killed. One account is held by one run at a time, anywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential_jitter,
)

from scrapers import drift, evidence
from scrapers.browser import Browsers
from scrapers.capture import ClaimRef
from scrapers.errors import (
    CredentialsMissing,
    PortalError,
    SessionExpired,
    SiteChanged,
    SiteDown,
    SlowDown,
)
from scrapers.login import sign_in
from scrapers.pacing import Paces, is_quiet
from scrapers.portal import Portal
from scrapers.secrets import credentials
from scrapers.visit import Visit, visit
from server import intake
from server.facts import Look, Source
from server.settings import Settings
from server.store import Store, StoreError, accounts, sweeps
from server.store.accounts import Account
from server.store.sweeps import Planned, Seen

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

_LOOK_AGAIN_SECONDS = 1.0
_RENEW_SECONDS = accounts.HOLD.total_seconds() / 5
Today = Callable[[], date]


@dataclass(frozen=True, slots=True)
class Surround:
    """What a run needs of its worker."""

    store: Store
    settings: Settings
    browsers: Browsers
    paces: Paces
    worker: str
    today: Today


class LostHold(Exception):  # noqa: N818 an event, not an error
    """Another worker took the account over: this run must touch it no more."""


class SignInsUsed(PortalError):  # noqa: N818 named like its siblings
    """The account signed in as often as it may in one sweep."""

    asks = (
        "see why the portal ends its sessions so soon; raise sign_ins_per_sweep if it always does"
    )


async def run_account(around: Surround, portal: Portal, account: Account, sweep: str) -> str:
    """Make the account's planned visits; the state it ended in (`done`, `failed`, `skipped`).

    Raises nothing of the portal's: what went wrong stands in the store, named. Where another run of
    the same sweep took the account over, its end is waited for: there is one end, and it is theirs.
    """
    store = around.store
    while (state := sweeps.account_state(store, sweep, account.id)) not in sweeps.FINAL:
        reason = await asyncio.to_thread(_not_now, around, portal, account)
        if reason:
            return _end(around, sweep, account, "skipped", *reason)
        hold = accounts.hold(store, account.id, around.worker)
        if hold is not None:
            try:
                sweeps.set_account(store, sweep, account.id, "running")
                return await _Run(around, portal, account, sweep, hold).whole()
            except LostHold:
                pass
            finally:
                accounts.release(store, account.id, hold)
        elif state != "running":
            return _end(
                around, sweep, account, "skipped", "Busy", "another sweep holds the account"
            )
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    return state


def _not_now(around: Surround, portal: Portal, account: Account) -> tuple[str, str] | None:
    """Why the account is not to sign in now, if so: (error, reason)."""
    now = accounts.one(around.store, account.id)
    if now.state != "active":
        return now.error or now.state, now.asks
    if is_quiet(portal.pacing, datetime.now(UTC)):
        return "QuietHours", f"portal {portal.id} is in its quiet hours"
    if drift.is_changed(around.store, account.practice, portal.id):
        return "SiteChanged", f"portal {portal.id} has changed: {SiteChanged.asks}"
    return None


def broken(store: Store, sweep: str, account: str, error: str) -> None:
    """A run ended with an error of our own side, named by its type; what was read stays read."""
    if sweeps.account_state(store, sweep, account) not in sweeps.FINAL:
        reason = "the program's own trouble, not the portal's: see the log, `remitlens doctor`"
        sweeps.leave_unread(store, sweep, account, error, reason)
        sweeps.set_account(store, sweep, account, "failed", error, reason)


def _end(
    around: Surround, sweep: str, account: Account, state: str, error: str = "", reason: str = ""
) -> str:
    sweeps.leave_unread(around.store, sweep, account.id, error, reason)
    sweeps.set_account(around.store, sweep, account.id, state, error, reason)
    return state


class _Run:
    """One holding of one account."""

    def __init__(
        self, around: Surround, portal: Portal, account: Account, sweep: str, hold: str
    ) -> None:
        self.around, self.portal, self.account = around, portal, account
        self.sweep, self.hold = sweep, hold
        self.store = around.store
        self.context: BrowserContext | None = None
        self.page: Page | None = None
        self.changed_in_a_row = 0
        self.taking: asyncio.Task[None] | None = None

    async def whole(self) -> str:
        left = sweeps.left(self.store, self.sweep, self.account.id)
        if not left:
            return _end(self.around, self.sweep, self.account, "done")
        async with AsyncExitStack() as stack:
            renewing = asyncio.create_task(self._keep_hold())
            stack.callback(renewing.cancel)
            stack.push_async_callback(self._close)
            try:
                try:
                    for planned in left:
                        await self._one(planned)
                finally:
                    await self._taken()
            except (PortalError, CredentialsMissing) as error:
                return self._stopped_by(error)
            await self._keep_session()
        drift.read_well(self.store, self.account.practice, self.portal.id)
        return _end(self.around, self.sweep, self.account, "done")

    async def _one(self, planned: Planned) -> None:
        """One claim; raises what ends the account's visits."""
        self._still_held()
        try:
            seen = await self._looked(planned)
        except PortalError as error:
            if _ends_account(error):
                raise
            self._still_held()
            await self._failed(planned, error)
            return
        self.changed_in_a_row = 0
        await self._taken()
        # What was read is taken in while the next claim's page loads: one at a time, in order.
        self.taking = asyncio.create_task(asyncio.to_thread(self._take_in, planned, seen))

    def _still_held(self) -> None:
        """Raise LostHold where another worker took the account over."""
        if not accounts.holds(self.store, self.account.id, self.hold):
            raise LostHold

    async def _keep_hold(self) -> None:
        """Prolong the holding for as long as the run lasts, however long a page or a pause is."""
        held = True
        while held:
            await asyncio.sleep(_RENEW_SECONDS)
            with suppress(StoreError):  # The database may answer next time.
                held = await asyncio.to_thread(
                    accounts.renew, self.store, self.account.id, self.hold
                )

    async def _taken(self) -> None:
        """Wait until what was read last is in the store; raises what stood in its way."""
        taking, self.taking = self.taking, None
        if taking is not None:
            await taking

    async def _looked(self, planned: Planned) -> Visit:
        """Visit the claim; sign in again where the session ended, repeat where the site is down."""
        ref = ClaimRef(
            planned.claim,
            planned.member_id,
            planned.first_day,
            planned.last_day,
            self.portal.as_payer,
            planned.payer_claim_control_number,
        )

        async def look() -> Visit:
            page = await self._signed_in()
            await self.around.paces.turn(self.portal)
            try:
                return await visit(page, self.portal, ref)
            except SessionExpired:
                await self._forget_session()
                raise

        # `_before_submit` counts and spaces what is submitted; this ends also where a portal
        # lets us in without asking, and shows its login page all the same.
        for _ in range(self.portal.pacing.sign_ins_per_sweep):
            try:
                return await self._through_weather(look)
            except SessionExpired:
                continue
        raise SignInsUsed(self.portal.id, "results", what="every session ended at once")

    async def _through_weather(self, act: Callable[[], Awaitable[Visit]]) -> Visit:
        settings = self.around.settings.sweep
        retrying = AsyncRetrying(
            retry=retry_if_exception(
                lambda error: isinstance(error, PortalError) and error.retried == "backoff"
            ),
            wait=_pause,
            stop=stop_after_attempt(settings.tries) | stop_before_delay(settings.try_minutes * 60),
            reraise=True,
        )
        return await retrying(act)

    async def _signed_in(self) -> Page:
        if self.page is not None:
            return self.page
        if self.context is None:
            state = await asyncio.to_thread(
                accounts.session, self.store, self.account.id, self.account.practice
            )
            self.context = await self.around.browsers.new_context(self.portal, state)
        secret = await asyncio.to_thread(credentials, self.account.id, self.around.settings.secrets)
        try:
            self.page = await sign_in(
                self.context, self.portal, secret, before_submit=self._before_submit
            )
        except (PortalError, LostHold):
            raise
        except Exception as error:
            what = f"sign-in: {type(error).__name__}"
            raise SiteChanged(self.portal.id, "login", what=what, submitted=True) from None
        await self._keep_session()
        return self.page

    async def _before_submit(self) -> None:
        """Count the sign-in before it happens, and keep its distance to the last one."""
        last = accounts.one(self.store, self.account.id).submitted_at
        apart = timedelta(seconds=self.around.settings.sweep.sign_in_seconds_apart)
        many = sweeps.count_sign_in(self.store, self.sweep, self.account.id)
        if many > self.portal.pacing.sign_ins_per_sweep:
            raise SignInsUsed(self.portal.id, "login", found=many, expected="fewer sign-ins")
        if last is not None:
            rest = (last + apart - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(rest, 0))
        self._still_held()
        accounts.note_submit(self.store, self.account.id)

    async def _forget_session(self) -> None:
        await self._close()
        await asyncio.to_thread(
            accounts.keep_session, self.store, self.account.id, self.account.practice, None
        )

    async def _keep_session(self) -> None:
        if self.context is not None:
            state = await self.context.storage_state()
            await asyncio.to_thread(
                accounts.keep_session, self.store, self.account.id, self.account.practice, state
            )

    async def _close(self) -> None:
        context, self.context, self.page = self.context, None, None
        if context is not None:
            await context.close()

    def _take_in(self, planned: Planned, seen: Visit) -> None:
        """Hand over what was read, then note the visit: killed in between, the look is repeated."""
        self._still_held()
        change = self._observe(seen.look)
        sweeps.note_visit(
            self.store,
            planned.visit,
            Seen(
                "done",
                outcome=seen.look.outcome,
                changed=change,
                page_hash=seen.capture.digest,
                skeleton=evidence.skeleton_of(seen.capture, self.portal),
            ),
        )

    def _observe(self, look: Look) -> int:
        known = replace(look, portal=self.portal.id, account=self.account.id)
        change = intake.observe(
            self.store,
            self.account.practice,
            known,
            who=f"sweep {self.sweep}",
            today=self.around.today(),
            settings=self.around.settings,
        )
        return len(change.lines)

    async def _failed(self, planned: Planned, error: PortalError) -> None:
        """A visit gave no answer. Raises where the account's other visits would give none."""
        seen = Seen("failed", error=type(error).__name__, reason=str(error))
        if isinstance(error, SiteChanged):
            # A changed page says nothing of the claim: its lines stay as they were.
            await asyncio.to_thread(sweeps.note_visit, self.store, planned.visit, seen)
            self.changed_in_a_row += 1
            changed = await asyncio.to_thread(
                drift.met_change,
                self.store,
                self.account.practice,
                self.portal.id,
                self.account.id,
                error,
            )
            if changed or self.changed_in_a_row >= drift.IN_A_ROW:
                raise error
            return
        at = datetime.now(UTC)
        source = Source("portal", self.portal.id, seen_at=at)
        look = Look(self.portal.as_payer, planned.claim, at, "failed", source=source)
        await asyncio.to_thread(self._observe, look)
        await asyncio.to_thread(sweeps.note_visit, self.store, planned.visit, seen)
        if isinstance(error, SiteDown | SlowDown):
            raise error

    def _stopped_by(self, error: PortalError | CredentialsMissing) -> str:
        """What ended the visits: the account's state, the portal's, and each claim left unread."""
        name, reason, nights = type(error).__name__, str(error), 0
        if isinstance(error, PortalError):
            if error.account != "keeps":
                accounts.set_state(self.store, self.account.id, error.account, name, error.asks)
            if isinstance(error, SiteDown | SlowDown):
                nights = drift.met_outage(self.store, self.account.practice, self.portal.id, error)
            if error.asks and nights >= error.asks_after_nights:
                reason = f"{reason}; {error.asks}"
        return _end(self.around, self.sweep, self.account, "failed", name, reason)


def _ends_account(error: PortalError) -> bool:
    """Whether an error concerns the sign-in or the account rather than the one claim."""
    return error.submitted or error.account != "keeps" or isinstance(error, SignInsUsed)


def _pause(state: RetryCallState) -> float:
    """Exponential with jitter; never shorter than what the portal asked for."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, PortalError) else None
    grown = wait_exponential_jitter(initial=1, max=120, jitter=2)(state)
    return max(grown, asked.total_seconds()) if asked else grown
