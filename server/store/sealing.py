"""Sealing of identifiers (AES-256-GCM) and finding them again (HMAC-SHA-256 blind indexes).

One 32-byte master key gives, by HKDF-SHA-256, a sealing key and one key for each blind index, so
that equal values in different places do not look alike. A sealed value is

    version (1 byte, 1) | key id (4) | nonce (12) | flags and ciphertext with tag

and is bound to its place by associated data (table, practice, row), so that a value moved to
another row does not open. Plaintexts of 160 bytes or more are deflated first.
"""

from __future__ import annotations

import hmac
import json
import os
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.store.errors import KeyWrongError, StoreError

KEY_BYTES = 32
BLIND_BYTES = 16
_VERSION = b"\x01"
_HEAD = 5
_NONCE = 12
_DEFLATE_FROM = 160


@dataclass(frozen=True)
class MasterKey:
    """One master key and what is derived from it. Never printed: `repr` shows its id only."""

    secret: bytes

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise StoreError(f"a key is {KEY_BYTES} bytes, base64; this one is not")

    def __repr__(self) -> str:
        return f"MasterKey({self.key_id.hex()})"

    def derive(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        """A subkey for one purpose."""
        return HKDF(SHA256(), length, salt=None, info=b"remitlens/" + purpose.encode()).derive(
            self.secret
        )

    @cached_property
    def key_id(self) -> bytes:
        """Four bytes that name the key without telling anything of it."""
        return self.derive("key id", 4)

    @cached_property
    def check(self) -> bytes:
        """What the store keeps to recognise the key."""
        return self.derive("check", 16)

    @cached_property
    def cipher(self) -> AESGCM:
        return AESGCM(self.derive("seal"))

    @cached_property
    def _blind_keys(self) -> dict[str, bytes]:
        return {}

    def blind(self, index: str, value: bytes) -> bytes:
        """The blind index of a value: 16 bytes, equal for equal values under one key and index."""
        key = self._blind_keys.get(index)
        if key is None:
            key = self._blind_keys[index] = self.derive("blind " + index)
        return hmac.digest(key, value, "sha256")[:BLIND_BYTES]


def place(table: str, practice: str, row: bytes | str | int) -> bytes:
    """Associated data: where a sealed value stands."""
    tail = row if isinstance(row, bytes) else str(row).encode()
    return f"{table}\x1f{practice}\x1f".encode() + tail


class Sealer:
    """Seals with the active key, opens with any key it was given.

    During a rotation two keys are known: the first one seals, both open, and a lookup tries the
    blind index of each. `find` gives the keys as their source holds them now: another process may
    have rotated them since.
    """

    def __init__(
        self, keys: Iterable[MasterKey], find: Callable[[], Sequence[MasterKey]] | None = None
    ) -> None:
        self.keys: tuple[MasterKey, ...] = ()
        self._by_id: dict[bytes, MasterKey] = {}
        self._find = find
        self._take(tuple(keys))

    def _take(self, keys: tuple[MasterKey, ...]) -> None:
        if not keys:
            raise StoreError("no key was given to seal with")
        self._by_id = {key.key_id: key for key in keys}
        self.keys = keys
        self.active = keys[0]

    def learn(self, key: MasterKey) -> None:
        """Open with this key too, and look for its blind indexes."""
        if key.key_id not in self._by_id:
            self._take((*self.keys, key))

    def use(self, active: bytes) -> None:
        """Seal with the key of that id from now on; raises KeyWrongError where it is not known."""
        if self.active.key_id == active:
            return
        known = {key.key_id: key for key in (*self.keys, *self._found())}
        if active not in known:
            raise KeyWrongError("the store's key was changed: the key at hand is the old one")
        self._take((known.pop(active), *known.values()))

    def _found(self) -> Sequence[MasterKey]:
        return self._find() if self._find is not None else ()

    def _key(self, key_id: bytes) -> MasterKey:
        key = self._by_id.get(key_id)
        if key is None:
            for fresh in self._found():
                self._by_id.setdefault(fresh.key_id, fresh)
            key = self._by_id.get(key_id)
        if key is None:
            raise KeyWrongError("a sealed value needs a key that is not at hand")
        return key

    def seal(self, plain: bytes, where: bytes) -> bytes:
        """Seal bytes for one place (see `place`)."""
        long = len(plain) >= _DEFLATE_FROM
        body = b"z" + zlib.compress(plain, 1) if long else b"p" + plain
        nonce = os.urandom(_NONCE)
        active = self.active
        return _VERSION + active.key_id + nonce + active.cipher.encrypt(nonce, body, where)

    def unseal(self, sealed: bytes, where: bytes) -> bytes:
        """Open a sealed value; raises KeyWrongError or StoreError, never with what is inside."""
        if len(sealed) < _HEAD + _NONCE + 16 or sealed[:1] != _VERSION:
            raise StoreError("a sealed value of the store is damaged")
        key = self._key(sealed[1:_HEAD])
        nonce = sealed[_HEAD : _HEAD + _NONCE]
        try:
            body = key.cipher.decrypt(nonce, sealed[_HEAD + _NONCE :], where)
        except InvalidTag:
            raise StoreError("a sealed value of the store was changed or moved") from None
        return zlib.decompress(body[1:]) if body[:1] == b"z" else body[1:]

    def seal_json(self, value: Any, where: bytes) -> bytes:
        """Seal a JSON value."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return self.seal(text.encode(), where)

    def unseal_json(self, sealed: bytes, where: bytes) -> Any:
        """Open a JSON value."""
        return json.loads(self.unseal(sealed, where))

    def is_current(self, sealed: bytes) -> bool:
        """Whether the active key sealed it."""
        return sealed[1:_HEAD] == self.active.key_id

    def blind(self, index: str, value: str | bytes) -> bytes:
        """The blind index to write, under the active key."""
        return self.active.blind(index, value if isinstance(value, bytes) else value.encode())

    def blinds(self, index: str, value: str | bytes) -> list[bytes]:
        """The blind indexes to look for: one for each known key, the active one's first."""
        raw = value if isinstance(value, bytes) else value.encode()
        return [key.blind(index, raw) for key in self.keys]
