"""Signing in with the organisation: Chromium, our pages, and a provider that checks what it gets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from server.settings import OidcSettings
from server.store import people
from tests.api.house import PASSWORD
from tests.browser.chromium import CHROMIUM
from tests.browser.identity_provider import CLIENT, Provider, identity_provider
from tests.browser.office import Office, office

pytestmark = pytest.mark.browser
BACK = "/sign-in/organisation/answer"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    # Loopback without TLS.
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with identity_provider() as started:
        yield started


@pytest.fixture
def place(tmp_path: Path, provider: Provider) -> Iterator[Office]:
    with office(tmp_path, oidc=OidcSettings(issuer=provider.issuer, client_id=CLIENT)) as built:
        # The provider's tokens are good for an hour of real time.
        built.clock.at = datetime.now(UTC)
        provider.client.back.add(built.address + BACK)
        yield built


@pytest.fixture
def page(playwright_: Playwright) -> Iterator[Page]:
    browser: Browser = playwright_.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser.new_page()
    browser.close()


def go(page: Page, place: Office, email: str, path: str = "/") -> None:
    page.goto(place.address + path)
    page.get_by_role("button", name="Sign in with your organisation").click()
    expect(page.get_by_role("heading", name="Clinic sign-in")).to_be_visible()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Allow").click()


def test_a_person_signs_in_and_lands_where_they_wanted(
    page: Page, place: Office, provider: Provider
) -> None:
    made = people.add(place.store, "kim@clinic.example", "Kim", "")
    people.set_role(place.store, made.person.id, "default", "biller")
    go(page, place, "kim@clinic.example", "/lines/1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("22614 on claim C1")
    expect(page.get_by_role("banner").get_by_text("Kim")).to_be_visible()
    assert page.url == f"{place.address}/lines/1"
    assert (provider.taken, provider.codes) == (1, {})
    page.get_by_role("button", name="Sign out").click()
    # From then on by the provider's own name for them.
    go(page, place, "kim@clinic.example")
    expect(page.locator("#rows tr")).to_have_count(1)


def test_who_is_not_known_here_stays_outside(page: Page, place: Office) -> None:
    go(page, place, "stranger@clinic.example")
    expect(page.get_by_role("alert")).to_contain_text("Nobody here is known by that identity")
    page.goto(f"{place.address}/lines/1")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_address_alone_takes_no_account_over(page: Page, place: Office) -> None:
    made = people.add(place.store, "boss@clinic.example", "Boss", PASSWORD)
    people.set_role(place.store, made.person.id, "default", "manager")
    go(page, place, "boss@clinic.example")
    expect(page.get_by_role("alert")).to_contain_text("Nobody here is known by that identity")


def test_a_provider_that_does_not_know_the_address_to_return_to(
    page: Page, place: Office, provider: Provider
) -> None:
    provider.client.back.clear()
    go(page, place, "kim@clinic.example")
    expect(page.locator("body")).to_contain_text("invalid_request")
    assert provider.codes == {}
