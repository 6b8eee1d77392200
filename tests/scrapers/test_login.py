"""Signing in, offline: one submit whatever happens, positive signs only, a person where it must be.

The page is a small stand-in that knows screens of HTML and where a press leads; the same sign-in
runs in real Chromium in tests/browser/test_faults_live.py.
"""

import asyncio
from collections import Counter
from types import SimpleNamespace

import pyotp
import pytest
from bs4 import BeautifulSoup
from playwright.async_api import TimeoutError

from scrapers import errors
from scrapers.login import Clock, sign_in, terms_hash
from scrapers.portal import Login, Outcomes, Pacing, Portal, Terms
from scrapers.secrets import Credentials

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WHO = Credentials("canary-user", "canary-password", SECRET)
TERMS = "Use this site for your own patients only."
FORM = '<form id="door"><input id="user"><input id="word"><button id="go">Sign in</button></form>'
CODE = '<form id="ask"><button id="send">Send</button><input id="code"><button id="ok">OK</button>'
SCREENS = {
    "login": FORM,
    "home": '<h1 id="office">Claims</h1>',
    "refused": FORM + '<p id="wrong">Not recognised</p>',
    "locked": FORM + '<p id="locked">Locked</p>',
    "renew": '<h1 id="renew">Your password has expired</h1>',
    "challenge": '<div class="captcha">Are you human?</div>',
    "maintenance": "<h1>Scheduled maintenance</h1>",
    "blocked": '<p id="blocked">Access refused</p>',
    "code": CODE,
    "code refused": CODE + '<p id="code-wrong">Wrong code</p>',
    "terms": f'<div id="terms"><p id="text">{TERMS}</p><button id="accept">Accept</button></div>',
    "name": '<form id="door"><input id="user"><button id="next">Next</button></form>',
    "strange": "<p>Something else entirely</p>",
}
OUTCOMES = Outcomes(
    signed_in={"selector": "#office"},
    login_page={"selector": "#door #word"},
    wrong_password={"selector": "#wrong"},
    locked={"selector": "#locked"},
    code_needed={"selector": "#ask #code"},
    code_rejected={"selector": "#code-wrong"},
    terms={"selector": "#terms #text"},
    action_needed={"selector": "#renew", "text": "expired"},
    blocked={"selector": "#blocked"},
)


class Place:
    """An element of the stand-in page, found when it is used."""

    def __init__(self, page, selector):
        self.page, self.selector, self.first = page, selector, self

    def node(self):
        found = BeautifulSoup(SCREENS[self.page.screen], "lxml").select_one(self.selector)
        if found is None:
            raise TimeoutError("nothing there")
        return found

    async def wait_for(self, **_):
        self.node()

    async def fill(self, text, **_):
        self.node()
        self.page.filled.append((self.selector, text))

    async def click(self, **_):
        self.node()
        self.page.pressed[self.selector] += 1
        self.page.move(self.selector)

    async def text_content(self, **_):
        return self.node().get_text()


class Page:
    """Screens and the way between them: `moves` gives what each press of a selector leads to."""

    def __init__(self, screen="login", url="https://payer.example/login", **moves):
        self.screen, self.url, self.frames, self.closed = screen, url, [self], False
        self.moves = {f"#{name}": list(screens) for name, screens in moves.items()}
        self.filled, self.pressed, self.listeners = [], Counter(), []

    def move(self, selector):
        coming = self.moves.get(selector)
        if coming:
            self.screen = coming.pop(0)
            answer = SimpleNamespace(
                status=200, headers={}, request=SimpleNamespace(resource_type="document")
            )
            for name, listener in list(self.listeners):
                listener(answer if name == "response" else self)

    def locator(self, selector):
        return Place(self, selector)

    def on(self, name, listener):
        self.listeners.append((name, listener))

    once = on

    def remove_listener(self, name, listener):
        self.listeners.remove((name, listener))

    async def goto(self, *_, **__):
        pass

    async def close(self):
        self.closed = True

    async def evaluate(self, _, signs=None):
        if signs is None:
            return "complete"
        page = BeautifulSoup(SCREENS[self.screen], "lxml")
        return [
            sign["outcome"]
            for sign in signs
            if any(
                sign["text"].casefold() in node.get_text().casefold()
                for node in page.select(sign["selector"])
            )
        ]

    @property
    def typed(self):
        """What was typed as password."""
        return [text for selector, text in self.filled if selector == "#word"]


def portal(**other):
    fields = {
        "id": "p", "name": "P", "family": "thicket", "base_address": "https://payer.example",
        "login": Login(path="login", username="#user", password="#word", submit="#go", mfa="totp",
                       code="#code", code_submit="#ok", send_code="#send"),
        "outcomes": OUTCOMES,
        "pacing": Pacing(seconds_to_wait=0.2),
    }  # fmt: skip
    return Portal(**(fields | other))


def with_mfa(kind):
    return portal(login=portal().login.model_copy(update={"mfa": kind}))


async def enter(page, definition=None, who=WHO, **other):
    async def new_page():
        return page

    context = SimpleNamespace(new_page=new_page)
    return await sign_in(context, definition or portal(), who, **other)


async def test_a_right_password_is_submitted_once_and_the_page_stays_open():
    page = Page(go=["home"])
    assert await enter(page) is page
    assert page.filled == [("#user", "canary-user"), ("#word", "canary-password")]
    assert page.pressed == {"#go": 1}
    assert not page.closed
    assert not [name for name, _ in page.listeners if name == "response"]


async def test_who_is_still_signed_in_types_and_submits_nothing():
    page, asked = Page("home"), []

    async def before():
        asked.append(1)

    await enter(page, before_submit=before)
    assert (page.filled, page.pressed, asked) == ([], {}, [])


@pytest.mark.parametrize(
    ("screen", "kind", "account"),
    [
        ("refused", errors.WrongPassword, "stopped"),
        ("locked", errors.AccountLocked, "stopped"),
        ("renew", errors.ActionNeeded, "paused"),
        ("terms", errors.ActionNeeded, "paused"),
        ("challenge", errors.CaptchaShown, "paused"),
        ("blocked", errors.Blocked, "paused"),
        ("maintenance", errors.SiteDown, "keeps"),
        ("strange", errors.SiteChanged, "paused"),
        ("login", errors.SiteChanged, "paused"),
    ],
)
async def test_each_end_of_a_submit_has_its_error_and_no_second_submit(screen, kind, account):
    page = Page(go=[screen, "home"])
    with pytest.raises(errors.PortalError) as caught:
        await enter(page)
    error = caught.value
    assert type(error) is kind
    assert (error.submitted, error.retried, error.account) == (True, "never", account)
    assert (page.pressed["#go"], len(page.typed), page.closed) == (1, 1, True)
    assert "canary" not in str(error)


@pytest.mark.parametrize(
    ("screen", "kind"),
    [
        ("locked", errors.AccountLocked),
        ("renew", errors.ActionNeeded),
        ("challenge", errors.CaptchaShown),
        ("blocked", errors.Blocked),
        ("maintenance", errors.SiteDown),
        ("strange", errors.SiteChanged),
    ],
)
async def test_what_stands_before_the_form_ends_the_sign_in_unsubmitted(screen, kind):
    page = Page(screen, go=["home"])
    with pytest.raises(kind) as caught:
        await enter(page)
    assert not caught.value.submitted
    assert (page.filled, page.pressed) == ([], {})


async def test_a_refusal_left_from_before_is_not_taken_for_the_answer():
    page = Page("refused", go=["home"])
    await enter(page)
    assert page.pressed["#go"] == 1


async def test_a_refusal_from_before_and_no_answer_is_no_wrong_password():
    page = Page("refused")
    with pytest.raises(errors.SiteDown, match="no answer to the sign-in") as caught:
        await enter(page)
    assert (caught.value.retried, caught.value.account) == ("never", "keeps")
    assert page.pressed["#go"] == 1


async def test_the_hook_comes_with_the_password_typed_and_nothing_submitted():
    page, seen = Page(go=["home"]), []

    async def before():
        seen.append((list(page.typed), dict(page.pressed)))

    await enter(page, before_submit=before)
    assert seen == [(["canary-password"], {})]


async def test_what_the_hook_raises_keeps_the_password_from_being_submitted():
    page = Page(go=["home"])

    async def before():
        raise LookupError

    with pytest.raises(LookupError):
        await enter(page, before_submit=before)
    assert (page.pressed, page.closed) == ({}, True)


async def test_name_and_password_may_be_asked_for_one_after_another():
    login = portal().login.model_copy(update={"next": "#next"})
    first = Outcomes(login_page={"selector": "#user"}).login_page
    outcomes = OUTCOMES.model_copy(update={"login_page": first})
    page = Page("name", next=["login"], go=["home"])
    await enter(page, portal(login=login, outcomes=outcomes))
    assert page.pressed == {"#next": 1, "#go": 1}


async def test_no_password_is_typed_on_a_host_nobody_named():
    page = Page(url="https://elsewhere.example/login", go=["home"])
    with pytest.raises(errors.SiteChanged, match="unknown host"):
        await enter(page)
    assert (page.typed, page.pressed) == ([], {})
    named = portal().login.model_copy(update={"hosts": ("elsewhere.example",)})
    await enter(Page(url="https://elsewhere.example/login", go=["home"]), portal(login=named))


class Hands:
    """A clock that stands still but for its own sleeping."""

    def __init__(self, at=1_770_000_011.0):
        self.at, self.slept = at, []

    def clock(self):
        return Clock(lambda: self.at, self.sleep)

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.at += seconds


def codes(page):
    return [text for selector, text in page.filled if selector == "#code"]


async def test_a_refused_code_is_tried_once_more_with_the_next_periods():
    page, hands = Page(go=["code"], ok=["code refused", "home"]), Hands()
    began = int(hands.at)
    await enter(page, clock=hands.clock())
    totp = pyotp.TOTP(SECRET)
    assert codes(page) == [totp.at(began), totp.at(began + 30)]
    assert began // 30 + 1 == int(hands.at) // 30
    assert page.pressed == {"#go": 1, "#ok": 2}


async def test_a_second_refusal_is_the_end():
    page, hands = Page(go=["code"], ok=["code refused", "code refused", "home"]), Hands()
    with pytest.raises(errors.CodeRejected) as caught:
        await enter(page, clock=hands.clock())
    assert (caught.value.account, caught.value.retried) == ("paused", "never")
    assert page.pressed == {"#go": 1, "#ok": 2}
    assert all(code not in str(caught.value) for code in codes(page))


@pytest.mark.parametrize("kind", ["sms", "email", "none"])
async def test_unattended_no_code_is_sent(kind):
    page = Page(go=["code"], send=["code"], ok=["home"])
    with pytest.raises(errors.CodeNeeded) as caught:
        await enter(page, with_mfa(kind))
    assert (caught.value.account, caught.value.retried) == ("waits", "after_answer")
    assert page.pressed == {"#go": 1}


async def test_without_a_totp_secret_a_person_is_asked_for():
    page = Page(go=["code"], ok=["home"])
    with pytest.raises(errors.CodeNeeded):
        await enter(page, who=Credentials("canary-user", "canary-password"))
    assert (page.pressed, codes(page)) == ({"#go": 1}, [])


@pytest.mark.parametrize("kind", ["sms", "email"])
async def test_a_person_who_waits_gets_one_code_and_types_it(kind):
    async def ask():
        await asyncio.sleep(0)
        return "314159"

    page = Page(go=["code"], send=["code"], ok=["home"])
    await enter(page, with_mfa(kind), ask_code=ask)
    assert page.pressed == {"#go": 1, "#send": 1, "#ok": 1}
    assert codes(page) == ["314159"]
    refused = Page(go=["code"], send=["code"], ok=["code refused", "home"])
    with pytest.raises(errors.CodeRejected):
        await enter(refused, with_mfa(kind), ask_code=ask)
    assert refused.pressed == {"#go": 1, "#send": 1, "#ok": 1}


ACCEPTED = {
    "text": "#text", "accept": "#accept", "accepted_by": "Jo Office",
    "accepted_on": "2026-01-05", "sha256": terms_hash(TERMS),
}  # fmt: skip


@pytest.mark.parametrize("screens", [["terms"], ["code", "terms"]])
async def test_terms_a_person_accepted_are_accepted_again_while_unchanged(screens):
    page = Page(go=screens[:1], ok=screens[1:], accept=["home"])
    await enter(page, portal(terms=Terms(**ACCEPTED)), clock=Hands().clock())
    assert page.pressed["#accept"] == 1
    assert page.pressed["#go"] == 1


@pytest.mark.parametrize(
    "lacks",
    [
        {"accepted_by": ""},
        {"accepted_on": None},
        {"sha256": ""},
        {"sha256": terms_hash(TERMS + " And sell it.")},
        {"accept": ""},
        {"text": ""},
    ],
)
async def test_other_terms_or_nobodys_are_left_to_a_person(lacks):
    page = Page(go=["terms"], accept=["home"])
    with pytest.raises(errors.ActionNeeded) as caught:
        await enter(page, portal(terms=Terms(**(ACCEPTED | lacks))))
    assert caught.value.account == "paused"
    assert (page.pressed["#accept"], page.pressed["#go"]) == (0, 1)


def test_the_hash_of_terms_passes_white_space_by_and_nothing_else():
    assert terms_hash(" Use  this\n site ") == terms_hash("Use this site")
    assert terms_hash("Use this site.") != terms_hash("Use this site")
