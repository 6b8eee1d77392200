"""Facts to and from compact JSON, and what makes two facts the same fact.

A record becomes an object that leaves out what equals the field's default, so that a field added
later changes neither old payloads nor old identities. Sources are kept apart from the record: they
say where a fact was read, not what it is.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from server.facts import Charge, ClaimAdjudication, Fact, Look, Mark, Source, SubmittedClaim

KINDS: dict[type[Any], int] = {
    SubmittedClaim: 1,
    ClaimAdjudication: 2,
    Charge: 3,
    Mark: 4,
    Look: 5,
}
TYPES = {number: kind for kind, number in KINDS.items()}

# Where a fact stood in its file, or when a page was looked at, does not make it another fact.
_NOT_IDENTITY = {1: ("order",), 2: ("order",), 5: ("looked_at",)}

Encode = Callable[[Any, list[Any]], Any]
Decode = Callable[[Any, Iterator[Any]], Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    default: Any
    encode: Encode | None
    decode: Decode | None


def _decimal_text(value: Decimal) -> str:
    # 10, 10.0 and 10.00 are one amount, so one fact.
    return f"{value.normalize():f}"


def _encode_source(source: Source | None, sources: list[Any]) -> None:
    if source is None:
        sources.append(None)
        return
    whole = [source.kind, source.name, source.digest, _moment(source.seen_at)]
    where = [source.segment, source.start, source.end]
    first = sources[0] if sources else None
    sources.append(where if first and first[3:] == whole else where + whole)


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _next_source(sources: Iterator[Any]) -> Source | None:
    source: Source | None = next(sources, None)
    return source


def _sources(raw: list[Any]) -> Iterator[Source | None]:
    first: list[Any] | None = None
    for entry in raw:
        if entry is None:
            yield None
            continue
        if len(entry) == 3 and first is not None:
            entry = entry + first[3:]
        elif first is None:
            first = entry
        segment, start, end, kind, name, digest, seen_at = entry
        seen = datetime.fromisoformat(seen_at) if seen_at else None
        yield Source(kind, name, digest, segment, start, end, seen)


def _codec(hint: Any) -> tuple[Encode | None, Decode | None]:
    """How a field of a type is written and read; None where JSON does it alone."""
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        inner = [part for part in typing.get_args(hint) if part is not type(None)]
        # None is every optional field's default, so it is never written.
        return _codec(inner[0])
    if origin is tuple:
        encode, decode = _codec(typing.get_args(hint)[0])
        if encode is None or decode is None:
            return (lambda value, _: list(value)), (lambda raw, _: tuple(raw))
        return (
            lambda value, sources: [encode(one, sources) for one in value],
            lambda raw, sources: tuple([decode(one, sources) for one in raw]),
        )
    if hint is Decimal:
        return (lambda value, _: _decimal_text(value)), (lambda raw, _: Decimal(raw))
    if hint is datetime:
        return (lambda value, _: value.isoformat()), (lambda raw, _: datetime.fromisoformat(raw))
    if hint is date:
        return (lambda value, _: value.isoformat()), (lambda raw, _: date.fromisoformat(raw))
    if is_dataclass(hint) and isinstance(hint, type):
        return _record(hint)
    return None, None


_CACHE: dict[type[Any], tuple[Encode, Decode]] = {}


def _record(kind: type[Any]) -> tuple[Encode, Decode]:
    made = _CACHE.get(kind)
    if made is None:
        made = _CACHE[kind] = _make(kind)
    return made


def _make(kind: type[Any]) -> tuple[Encode, Decode]:
    hints = typing.get_type_hints(kind)
    has_source = "source" in hints
    parts = []
    for one in fields(kind):
        if one.name == "source":
            continue
        default = one.default
        if default is MISSING and one.default_factory is not MISSING:
            default = one.default_factory()
        parts.append(_Part(one.name, default, *_codec(hints[one.name])))
    names = [(part.name, part.decode) for part in parts]

    def encode(value: Any, sources: list[Any]) -> dict[str, Any]:
        if has_source:
            _encode_source(value.source, sources)
        out: dict[str, Any] = {}
        for part in parts:
            got = getattr(value, part.name)
            if got is None or got == "" or got == part.default:
                continue
            out[part.name] = got if part.encode is None else part.encode(got, sources)
        return out

    def decode(raw: dict[str, Any], sources: Iterator[Any]) -> Any:
        # The record's own source comes before those of its lines.
        named: dict[str, Any] = {"source": _next_source(sources)} if has_source else {}
        for name, read in names:
            got = raw.get(name, MISSING)
            if got is not MISSING:
                named[name] = got if read is None else read(got, sources)
        return _build(kind, named, absent)

    absent = {part.name: _blank(hints[part.name]) for part in parts if part.default is MISSING}
    return encode, decode


def _blank(hint: Any) -> Any:
    """What a field without default holds where nothing was written: "" for text, else None."""
    return "" if hint is str else None


def _build(kind: type[Any], named: dict[str, Any], absent: dict[str, Any]) -> Any:
    for name, blank in absent.items():
        if name not in named:
            named[name] = blank
    return kind(**named)


def encode(fact: Fact) -> tuple[int, dict[str, Any], list[Any]]:
    """A fact as its kind's number, its record and its sources, ready for JSON."""
    sources: list[Any] = []
    kind = KINDS[type(fact)]
    return kind, _record(type(fact))[0](fact, sources), sources


def payload(record: dict[str, Any], sources: list[Any]) -> bytes:
    """What is sealed."""
    return json.dumps([record, sources], ensure_ascii=False, separators=(",", ":")).encode()


def identity(kind: int, record: dict[str, Any]) -> bytes:
    """The canonical bytes of a fact: equal for equal facts, whatever file they came in."""
    skipped = _NOT_IDENTITY.get(kind, ())
    kept = {name: value for name, value in record.items() if name not in skipped}
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return f"{kind}|{text}".encode()


def decode(kind: int, raw: bytes) -> Fact:
    """A fact from what was sealed."""
    record, sources = json.loads(raw)
    fact: Fact = _record(TYPES[kind])[1](record, _sources(sources))
    return fact
