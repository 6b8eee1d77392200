"""What is sealed opens with its key in its place only; equal values are found by blind index."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.store.errors import KeyWrongError, StoreError
from server.store.keys import decode, encode, new_key
from server.store.sealing import MasterKey, Sealer, place

KEY = new_key()
SEALER = Sealer([KEY])
HERE = place("facts", "default", b"row")


@given(st.binary(max_size=2000))
def test_opens_what_it_sealed(plain: bytes) -> None:
    assert SEALER.unseal(SEALER.seal(plain, HERE), HERE) == plain


def test_the_same_text_twice_looks_different() -> None:
    assert SEALER.seal(b"x", HERE) != SEALER.seal(b"x", HERE)


@pytest.mark.parametrize(
    "where",
    [
        place("lines", "default", b"row"),
        place("facts", "other", b"row"),
        place("facts", "default", b"row2"),
        place("facts", "default\x1frow", b""),
    ],
)
def test_does_not_open_elsewhere(where: bytes) -> None:
    with pytest.raises(StoreError):
        SEALER.unseal(SEALER.seal(b"x", HERE), where)


@given(st.integers(0, 60), st.integers(1, 255))
def test_a_changed_byte_shows(at: int, change: int) -> None:
    sealed = bytearray(SEALER.seal(b"secret of some length, to have bytes to change", HERE))
    sealed[at] ^= change
    with pytest.raises(StoreError):
        SEALER.unseal(bytes(sealed), HERE)


def test_another_key_does_not_open() -> None:
    with pytest.raises(KeyWrongError):
        Sealer([new_key()]).unseal(SEALER.seal(b"x", HERE), HERE)


def test_a_key_found_later_opens() -> None:
    later = new_key()
    sealer = Sealer([KEY], lambda: [later, KEY])
    assert sealer.unseal(Sealer([later]).seal(b"x", HERE), HERE) == b"x"
    sealer.use(later.key_id)
    assert sealer.active == later
    assert sealer.unseal(SEALER.seal(b"y", HERE), HERE) == b"y"
    with pytest.raises(KeyWrongError):
        sealer.use(b"nope")


def test_blind_indexes() -> None:
    assert SEALER.blind("member", "M1") == Sealer([KEY]).blind("member", "M1")
    assert SEALER.blind("member", "M1") != SEALER.blind("claim", "M1")
    assert SEALER.blind("member", "M1") != Sealer([new_key()]).blind("member", "M1")
    both = Sealer([new_key(), KEY])
    assert SEALER.blind("member", "M1") in both.blinds("member", "M1")


def test_a_key_is_never_shown() -> None:
    for text in (repr(KEY), str(KEY), f"{SEALER.keys}"):
        assert encode([KEY]) not in text
        assert repr(KEY.secret) not in text


def test_keys_as_text() -> None:
    other = new_key()
    assert decode(encode([KEY, other]), "test") == [KEY, other]
    assert decode(f"{encode([KEY])}\n{encode([other])}\n", "test") == [KEY, other]
    for wrong in ("abc", encode([KEY])[:-4], "%%%%"):
        with pytest.raises(StoreError) as caught:
            decode(wrong, "test")
        assert wrong not in str(caught.value)
    with pytest.raises(StoreError):
        MasterKey(b"short")
