"""Who signs in, what they see, and how tokens come and go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from argon2 import PasswordHasher, Type
from sqlalchemy import select

from server.store import Store, people, practices, replies, tokens
from server.store.errors import NotThereError, RefusedError, StoreBusyError
from server.store.people import _hasher as full_cost
from server.store.replies import Reply
from server.store.tables import people as people_table

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(people, "_hasher", lambda: quick)


@pytest.fixture
def ann(store: Store):
    return people.add(store, "Ann@Example.test", "Ann", PASSWORD)


def code_of(uri: str, at: datetime = NOW) -> str:
    return pyotp.parse_uri(uri).at(at)


def test_a_password_costs_what_it_must() -> None:
    """RFC 9106's second choice or more: argon2id, three passes over 64 MiB."""
    real = full_cost()
    assert real.type is Type.ID
    assert real.memory_cost >= 65536
    assert real.time_cost >= 3


def test_sign_in(store: Store, ann: people.NewPerson) -> None:
    found = people.sign_in(store, "ann@example.TEST ", PASSWORD, code_of(ann.totp_uri), NOW)
    assert (found.login, found.name) == ("ann@example.test", "Ann")


def test_a_code_opens_once(store: Store, ann: people.NewPerson) -> None:
    code = code_of(ann.totp_uri)
    people.sign_in(store, "ann@example.test", PASSWORD, code, NOW)
    with pytest.raises(RefusedError):
        people.sign_in(store, "ann@example.test", PASSWORD, code, NOW)
    later = NOW + MINUTE
    people.sign_in(store, "ann@example.test", PASSWORD, code_of(ann.totp_uri, later), later)


def test_every_failure_says_the_same(store: Store, ann: people.NewPerson) -> None:
    code = code_of(ann.totp_uri)
    said = set()
    for login, password, given in (
        ("nobody", PASSWORD, code),
        ("ann@example.test", "wrong password!", code),
        ("ann@example.test", PASSWORD, "000000" if code != "000000" else "111111"),
        ("ann@example.test", PASSWORD, ""),
        ("ann@example.test", "", code),
    ):
        with pytest.raises(RefusedError) as caught:
            people.sign_in(store, login, password, given, NOW)
        said.add(str(caught.value))
    assert len(said) == 1


def test_five_failures_lock_for_a_while(store: Store, ann: people.NewPerson) -> None:
    for _ in range(people.MAX_FAILURES):
        with pytest.raises(RefusedError):
            people.sign_in(store, "ann@example.test", "wrong password!", "000000", NOW)
    # As one that does not exist: a lock does not tell which logins there are.
    said = set()
    for login in ("ann@example.test", "nobody"):
        with pytest.raises(RefusedError) as caught:
            people.sign_in(store, login, PASSWORD, code_of(ann.totp_uri), NOW)
        said.add(str(caught.value))
    assert len(said) == 1
    later = NOW + timedelta(minutes=people.LOCK_MINUTES + 1)
    people.sign_in(store, "ann@example.test", PASSWORD, code_of(ann.totp_uri, later), later)


def test_a_disabled_person_does_not_sign_in(store: Store, ann: people.NewPerson) -> None:
    session = people.begin_session(store, ann.person.id, NOW)
    people.disable(store, "ann@example.test")
    assert people.session(store, session, NOW, 15) is None
    with pytest.raises(RefusedError):
        people.sign_in(store, "ann@example.test", PASSWORD, code_of(ann.totp_uri), NOW)


def test_reset_changes_both_and_ends_sessions(store: Store, ann: people.NewPerson) -> None:
    session = people.begin_session(store, ann.person.id, NOW)
    uri = people.reset(store, "ann@example.test", "another long one")
    assert people.session(store, session, NOW, 15) is None
    with pytest.raises(RefusedError):
        people.sign_in(store, "ann@example.test", PASSWORD, code_of(uri), NOW)
    people.sign_in(store, "ann@example.test", "another long one", code_of(uri), NOW)


@pytest.mark.parametrize(
    ("login", "password"),
    [("ann@example.test", PASSWORD), ("bo", "short"), ("", PASSWORD), ("a b", PASSWORD)],
)
@pytest.mark.usefixtures("ann")
def test_what_cannot_be_added(store: Store, login: str, password: str) -> None:
    with pytest.raises(RefusedError):
        people.add(store, login, "x", password)


def test_roles(store: Store, ann: people.NewPerson) -> None:
    practices.ensure(store, "other")
    assert ann.person.scope == frozenset()
    people.set_role(store, ann.person.id, "default", "biller")
    people.set_role(store, ann.person.id, "other", "viewer")
    people.set_role(store, ann.person.id, "default", "manager")
    found = people.by_login(store, "ann@example.test")
    assert found.roles == {"default": "manager", "other": "viewer"}
    assert found.may("default", "biller")
    assert not found.may("other", "biller")
    assert not found.may("third", "viewer")
    people.set_role(store, ann.person.id, "other", None)
    assert people.everyone(store)[0].scope == {"default"}
    with pytest.raises(NotThereError):
        people.set_role(store, ann.person.id, "third", "viewer")


def test_sessions_end(store: Store, ann: people.NewPerson) -> None:
    session = people.begin_session(store, ann.person.id, NOW, hours=1)
    assert people.session(store, session, NOW + 14 * MINUTE, 15).login == "ann@example.test"
    assert people.session(store, session, NOW + 28 * MINUTE, 15) is not None
    assert people.session(store, session, NOW + 44 * MINUTE, 15) is None
    assert people.session(store, session, NOW + 29 * MINUTE, 15) is None
    other = people.begin_session(store, ann.person.id, NOW, hours=1)
    assert people.session(store, other, NOW + 61 * MINUTE, 90) is None
    third = people.begin_session(store, ann.person.id, NOW)
    people.end_session(store, third)
    assert people.session(store, third, NOW, 15) is None
    assert people.session(store, "made up", NOW, 15) is None


def test_no_secret_stands_clear(store: Store, ann: people.NewPerson) -> None:
    with store.reading() as connection:
        row = connection.execute(select(people_table)).one()
    secret = pyotp.parse_uri(ann.totp_uri).secret.encode()
    assert secret not in row.totp
    assert row.password.startswith("$argon2id$")


def test_oidc(store: Store) -> None:
    made = people.add(store, "bo", "Bo", "").person
    people.link_oidc(store, made.id, "https://issuer.test|123")
    assert people.by_oidc(store, "https://issuer.test|123").login == "bo"
    with pytest.raises(RefusedError):
        people.sign_in(store, "bo", "", "", NOW)
    people.disable(store, "bo")
    assert people.by_oidc(store, "https://issuer.test|123") is None


def pair(store: Store, at: datetime = NOW, **other):
    return tokens.new_code(store, ["default"], ["codes", "lines:read"], "ann", at, **other)


def test_pairing(store: Store) -> None:
    code = pair(store)
    token, secret = tokens.redeem(store, code.lower(), "Chrome", "chrome-extension://x", NOW)
    assert (token.scope, token.scopes) == ({"default"}, {"codes", "lines:read"})
    assert tokens.check(store, secret, NOW).id == token.id
    assert tokens.check(store, secret + "x", NOW) is None
    assert tokens.origins(store, NOW) == {"chrome-extension://x"}
    with pytest.raises(RefusedError):
        tokens.redeem(store, code, "again", "", NOW)


def test_a_code_grows_old(store: Store) -> None:
    code = pair(store)
    with pytest.raises(RefusedError):
        tokens.redeem(store, code, "late", "", NOW + 5 * MINUTE)


def test_a_code_dies_after_five_tries(store: Store) -> None:
    code = pair(store)
    for _ in range(tokens.CODE_TRIES):
        with pytest.raises(RefusedError):
            tokens.redeem(store, "AAAA-AAAA", "guess", "", NOW)
    with pytest.raises(RefusedError):
        tokens.redeem(store, code, "too late", "", NOW)


def test_four_wrong_tries_leave_the_code(store: Store) -> None:
    code = pair(store)
    for _ in range(tokens.CODE_TRIES - 1):
        with pytest.raises(RefusedError):
            tokens.redeem(store, "AAAA-AAAA", "guess", "", NOW)
    tokens.redeem(store, code, "right", "", NOW)


def test_a_token_sees_what_its_person_sees(store: Store, ann: people.NewPerson) -> None:
    practices.ensure(store, "other")
    people.set_role(store, ann.person.id, "default", "biller")
    _, secret = tokens.issue(
        store, ["default", "other"], ["codes"], "x", "ann", NOW, person=ann.person.id
    )
    assert tokens.check(store, secret, NOW).scope == {"default"}
    people.set_role(store, ann.person.id, "default", None)
    assert tokens.check(store, secret, NOW) is None
    people.set_role(store, ann.person.id, "default", "viewer")
    people.disable(store, "ann@example.test")
    assert tokens.check(store, secret, NOW) is None


def test_tokens_are_revoked_within_the_scope_only(store: Store) -> None:
    practices.ensure(store, "other")
    token, secret = tokens.issue(store, ["default"], ["codes"], "x", "ann", NOW)
    assert tokens.listed(store, frozenset({"other"})) == []
    with pytest.raises(NotThereError):
        tokens.revoke(store, frozenset({"other"}), token.id, "bo", NOW)
    tokens.revoke(store, frozenset({"default"}), token.id, "ann", NOW)
    assert tokens.check(store, secret, NOW) is None
    assert tokens.listed(store, frozenset({"default"}))[0].revoked_at == NOW


def test_tokens_expire(store: Store) -> None:
    _, secret = tokens.issue(
        store, ["default"], ["codes"], "x", "ann", NOW, expires_at=NOW + MINUTE
    )
    assert tokens.check(store, secret, NOW)
    assert tokens.check(store, secret, NOW + MINUTE) is None


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [([], ["codes"]), (["nowhere"], ["codes"]), (["default"], []), (["default"], ["root"])],
)
def test_a_token_needs_known_scopes_and_practices(store: Store, scope, scopes) -> None:
    with pytest.raises(RefusedError):
        tokens.issue(store, scope, scopes, "x", "ann", NOW)
    with pytest.raises(RefusedError):
        tokens.new_code(store, scope, scopes, "ann", NOW)


def test_replies(store: Store) -> None:
    def begin(caller: str, request: bytes = b"request", at: datetime = NOW) -> Reply | None:
        return replies.begin(store, caller, "k", request, at)

    assert begin("token 1") is None
    replies.finish(store, "token 1", "k", Reply(200, b"answer"))
    assert begin("token 1") == Reply(200, b"answer")
    assert begin("token 2") is None
    with pytest.raises(RefusedError):
        begin("token 1", b"another request")
    assert begin("token 1", at=NOW + timedelta(hours=replies.KEEP_HOURS + 1)) is None


def test_a_request_that_is_being_answered_is_not_answered_twice(store: Store) -> None:
    """By another process: this one's threads wait for each other."""
    held = timedelta(seconds=replies.HELD_SECONDS)
    assert replies.begin(store, "token 1", "k", b"request", NOW) is None
    for other, error in ((b"request", StoreBusyError), (b"another", RefusedError)):
        with pytest.raises(error):
            replies.begin(store, "token 1", "k", other, NOW + held / 2)
    # Whoever held it was killed.
    assert replies.begin(store, "token 1", "k", b"request", NOW + held) is None
    replies.finish(store, "token 1", "k", None)
    assert replies.begin(store, "token 1", "k", b"another", NOW + held) is None
