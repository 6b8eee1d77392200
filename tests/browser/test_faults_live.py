"""Every fault of `thicket` in real Chromium: its own error and effect, no submit too many."""

import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from scrapers import errors
from scrapers.browser import Browsers
from scrapers.login import Clock, sign_in, terms_hash
from scrapers.portal import Terms, load_portals
from scrapers.sandbox.claims import comparable
from scrapers.sandbox.desk import SMS_CODE
from scrapers.sandbox.serve import running_sandbox
from scrapers.visit import visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
CONFIG = Path(__file__).parents[2] / "config"
TERMS = (
    "Use this site for your own patients' claims only. Keep what you see private. "
    "We may end your access at any time."
)


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(today=date(2026, 3, 2), delay=0.03) as running:
        yield running


@pytest.fixture(scope="module")
def portals(sandbox):
    found = load_portals(CONFIG)
    quick = {"seconds_to_wait": 2.0}
    return {
        name: found[name]
        .moved_to(sandbox.base(name))
        .model_copy(update={"pacing": found[name].pacing.model_copy(update=quick)})
        for name in ("thicket", "meridian")
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browsers():
    async with Browsers() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def context(browsers):
    made = await browsers.new_context()
    yield made
    await made.close()


AT_SIGN_IN = {
    "wrong_password": (errors.WrongPassword, "never", "stopped"),
    "lockout": (errors.AccountLocked, "never", "stopped"),
    "terms": (errors.ActionNeeded, "never", "paused"),
    "expired_password": (errors.ActionNeeded, "never", "paused"),
    "sms": (errors.CodeNeeded, "after_answer", "waits"),
    "slow_login": (errors.SiteDown, "never", "keeps"),
    "strange_login": (errors.SiteChanged, "never", "paused"),
}


@pytest.mark.parametrize("fault", AT_SIGN_IN)
async def test_sign_in_ends_with_its_own_error_after_one_submit(sandbox, portals, context, fault):
    kind, retried, account = AT_SIGN_IN[fault]
    with pytest.raises(kind) as caught:
        await sign_in(context, portals["thicket"], sandbox.credentials("thicket", fault))
    assert type(caught.value) is kind
    assert (caught.value.retried, caught.value.account) == (retried, account)
    assert caught.value.submitted
    assert caught.value.asks
    assert sandbox.counts("thicket", fault)["submits"] == 1
    assert "codes_sent" not in sandbox.counts("thicket", fault)
    assert not context.pages


AT_A_LOOK = {
    "captcha": (errors.CaptchaShown, "never", "paused"),
    "blocked": (errors.Blocked, "never", "paused"),
    "maintenance": (errors.SiteDown, "backoff", "keeps"),
    "server_error": (errors.SiteDown, "backoff", "keeps"),
    "very_slow": (errors.SiteDown, "backoff", "keeps"),
    "half_loaded": (errors.SiteDown, "backoff", "keeps"),
    "slow_down": (errors.SlowDown, "backoff", "keeps"),
    "login_page": (errors.SessionExpired, "new_sign_in", "keeps"),
    "renamed_header": (errors.SiteChanged, "never", "keeps"),
    "empty_claim": (errors.SiteChanged, "never", "keeps"),
    "absent_row": (errors.SiteChanged, "never", "keeps"),
    "twice": (errors.BadRecord, "never", "keeps"),
}


@pytest.mark.parametrize("fault", AT_A_LOOK)
async def test_a_look_ends_with_its_own_error(sandbox, portals, context, fault):
    kind, retried, account = AT_A_LOOK[fault]
    page = await sign_in(context, portals["thicket"], sandbox.credentials("thicket", fault))
    with pytest.raises(errors.PortalError) as caught:
        await visit(page, portals["thicket"], sandbox.world.of("thicket")[0].ref)
    assert type(caught.value) is kind, caught.value
    assert (caught.value.retried, caught.value.account) == (retried, account)
    if fault == "slow_down":
        assert caught.value.retry_after == timedelta(seconds=1)
    assert sandbox.counts("thicket", fault)["submits"] == 1


async def test_two_claims_of_one_day_are_told_apart_by_number(sandbox, portals, context):
    page = await sign_in(context, portals["thicket"], sandbox.credentials("thicket", "one_day"))
    claim = sandbox.world.of("thicket")[0]
    seen = await visit(page, portals["thicket"], claim.ref)
    assert comparable(seen.look) == claim.truth("thicket")


async def test_a_person_gives_the_code(sandbox, portals, context):
    async def ask():
        return SMS_CODE

    sandbox.fault("thicket", "office-31", "sms")
    credentials = sandbox.credentials("thicket", "office-31")
    await sign_in(context, portals["thicket"], credentials, ask_code=ask)
    counts = sandbox.counts("thicket", "office-31")
    assert (counts["submits"], counts["codes_sent"], counts["sign_ins"]) == (1, 1, 1)


@pytest.mark.parametrize(("sha256", "accepted"), [(terms_hash(TERMS), 1), ("0" * 64, 0)])
async def test_terms_a_person_accepted_are_accepted_while_unchanged(
    sandbox, portals, context, sha256, accepted
):
    account = f"office-4{accepted}"
    sandbox.fault("thicket", account, "terms")
    terms = Terms(
        text="#terms-text", accept="#terms-accept", accepted_by="Jo", accepted_on="2026-01-05",
        sha256=sha256,
    )  # fmt: skip
    portal = portals["thicket"].model_copy(update={"terms": terms})
    credentials = sandbox.credentials("thicket", account)
    if accepted:
        await sign_in(context, portal, credentials)
    else:
        with pytest.raises(errors.ActionNeeded, match="terms have changed"):
            await sign_in(context, portal, credentials)
    assert sandbox.counts("thicket", account).get("terms_accepted", 0) == accepted


class FakeClock:
    """A clock off by some seconds whose sleep takes none."""

    def __init__(self, off=0.0):
        self.off, self.slept = off, []

    def now(self):
        return time.time() + self.off

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.off += seconds


async def test_a_refused_code_is_tried_once_more_with_the_next_periods(sandbox, portals, context):
    clock = FakeClock(off=-60)
    credentials = sandbox.credentials("meridian", "office-51")
    await sign_in(context, portals["meridian"], credentials, clock=Clock(clock.now, clock.sleep))
    counts = sandbox.counts("meridian", "office-51")
    assert (counts["submits"], counts["codes"], len(clock.slept)) == (1, 2, 1)


async def test_a_wrong_secret_ends_after_the_second_code(sandbox, portals, context):
    clock = FakeClock()
    credentials = replace(sandbox.credentials("meridian", "office-52"), totp="JBSWY3DPEHPK3PXP")
    with pytest.raises(errors.CodeRejected) as caught:
        await sign_in(
            context, portals["meridian"], credentials, clock=Clock(clock.now, clock.sleep)
        )
    assert caught.value.account == "paused"
    counts = sandbox.counts("meridian", "office-52")
    assert (counts["submits"], counts["codes"]) == (1, 2)


async def test_nobody_at_home_is_down(portals, context):
    gone = portals["thicket"].moved_to("http://127.0.0.1:9/thicket")
    with pytest.raises(errors.SiteDown) as caught:
        await sign_in(context, gone, None)
    assert caught.value.retried == "backoff"


async def test_the_password_is_typed_on_no_other_host(sandbox, portals, context):
    strange = portals["thicket"].model_copy(
        update={
            "login": portals["thicket"].login.model_copy(
                update={"path": sandbox.base("thicket").replace("127.0.0.1", "localhost")}
            )
        }
    )
    with pytest.raises(errors.SiteChanged, match="unknown host"):
        await sign_in(context, strange, sandbox.credentials("thicket", "office-61"))
    assert sandbox.counts("thicket", "office-61") == {}
