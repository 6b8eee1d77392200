"""The table of failures: each error's retry, account effect and question, and what it may say."""

import pickle
from datetime import timedelta

import pytest

from scrapers import errors
from scrapers.errors import EVERY_ERROR, SiteChanged, SiteDown, WrongPassword

TABLE = {
    "WrongPassword": ("never", "stopped", True),
    "AccountLocked": ("never", "stopped", True),
    "ActionNeeded": ("never", "paused", True),
    "CodeNeeded": ("after_answer", "waits", True),
    "CodeRejected": ("never", "paused", True),
    "CaptchaShown": ("never", "paused", True),
    "Blocked": ("never", "paused", True),
    "SessionExpired": ("new_sign_in", "keeps", False),
    "SiteDown": ("backoff", "keeps", True),
    "SlowDown": ("backoff", "keeps", True),
    "SiteChanged": ("never", "keeps", True),
    "BadRecord": ("never", "keeps", True),
    "NotFound": ("never", "keeps", False),
}


def test_the_table_is_whole():
    assert {kind.__name__ for kind in EVERY_ERROR} == set(TABLE)


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_says_what_becomes_of_it(kind):
    error = kind("meridian", "claim")
    assert (error.retried, error.account, bool(error.asks)) == TABLE[kind.__name__]


def test_weather_is_asked_about_after_two_nights():
    assert {kind.__name__ for kind in EVERY_ERROR if kind.asks_after_nights == 2} == {
        "SiteDown",
        "SlowDown",
    }


def test_a_submitted_login_is_never_retried():
    assert SiteDown("p", "login").retried == "backoff"
    assert SiteDown("p", "login", submitted=True).retried == "never"


def test_a_submit_nobody_understood_pauses_the_account():
    assert SiteChanged("p", "login").account == "keeps"
    assert SiteChanged("p", "login", submitted=True).account == "paused"
    assert errors.SessionExpired("p", submitted=True).retried == "never"


def test_the_message_holds_type_place_selector_and_counts():
    error = SiteChanged("meridian", "claim", selector="#lines", found=0, expected="1")
    assert str(error) == (
        "SiteChanged: portal meridian, page claim, selector '#lines', found 0, expected 1"
    )
    assert str(WrongPassword()) == "WrongPassword"


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_errors_survive_the_engines_pickle(kind):
    error = kind("p", "claim", what="x", found=2, expected="1", submitted=True,
                 retry_after=timedelta(seconds=7))  # fmt: skip
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 our own bytes
    assert type(again) is kind
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_setup_errors_are_one_line_for_a_person():
    for kind in (errors.PermissionMissing, errors.BrowserMissing, errors.CredentialsMissing):
        assert issubclass(kind, errors.UserError)
