"""What a payer accepts, and which rules a payer named in a file has.

A rule that is not set is unknown, and stays so. `read_rules` turns a parsed TOML table into
`PayerRules`; reading files is left to the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from server.co107.words import code, plain
from server.facts import Payer

Unit = Literal["days", "months", "years"]
Anchor = Literal["service", "service_last", "remittance", "first_remittance"]
Way = Literal["replacement_claim", "new_claim", "void_and_new", "reopening", "appeal"]
RelatedClaimField = Literal["REF*F8", "NTE*ADD"]

UNITS: tuple[Unit, ...] = ("days", "months", "years")
ANCHORS: tuple[Anchor, ...] = ("service", "service_last", "remittance", "first_remittance")
ANCHOR_NAMES: dict[Anchor, str] = {
    "service": "the service",
    "service_last": "the last day of service",
    "remittance": "the remittance",
    "first_remittance": "the first denial",
}
WAYS: tuple[Way, ...] = ("replacement_claim", "new_claim", "void_and_new", "reopening", "appeal")
FIELDS: tuple[RelatedClaimField, ...] = ("REF*F8", "NTE*ADD")
FLAGS = ("replacement_claims", "reopening", "reopening_adds_lines", "uses_history")
KNOWN_KEYS = frozenset(
    ("id", "names", "payer_ids", "related_claim_field", "date_tolerance_days", "last_day", *FLAGS)
)
NOTE_KEYS = frozenset(("source", "checked", "note", "notes"))
"""May stand beside the rules and inside any `{value, source, checked}`; they decide nothing."""
UNSET = frozenset(("", "unknown"))
MAX_TOLERANCE_DAYS = 366
MAX_COUNT = 36600


class PayerRulesError(ValueError):
    """A payer table that cannot be used: the key's path and what is wrong with it."""

    def __init__(self, path: tuple[str, ...], what: str) -> None:
        super().__init__(f"{'.'.join(path)}: {what}")
        self.path = path
        self.what = what


@dataclass(frozen=True, slots=True)
class Term:
    """So many days, months or years after an anchor."""

    count: int
    unit: Unit
    anchor: Anchor

    def __str__(self) -> str:
        unit = self.unit.removesuffix("s") if self.count == 1 else self.unit
        return f"{self.count} {unit} after {ANCHOR_NAMES[self.anchor]}"


@dataclass(frozen=True, slots=True)
class Noted:
    """Where a rule's value comes from and when that was last looked up; both as written."""

    source: str = ""
    checked: str = ""


@dataclass(frozen=True, slots=True)
class PayerRules:
    """One payer's rules; None is unknown."""

    id: str
    names: tuple[str, ...] = ()
    payer_ids: tuple[str, ...] = ()
    replacement_claims: bool | None = None
    reopening: bool | None = None
    reopening_adds_lines: bool | None = None
    uses_history: bool | None = None
    related_claim_field: RelatedClaimField | None = None
    date_tolerance_days: int = 0
    last_day: Mapping[Way, tuple[Term, ...]] = field(default_factory=dict)
    """Of several terms the earliest counts; a way that is absent or empty has no known last day."""
    notes: Mapping[str, Noted] = field(default_factory=dict)
    """By key, as `replacement_claims` or `last_day.appeal`; absent where nothing was noted."""


def read_rules(table: Mapping[str, Any], fallback_id: str, *, strict: bool = False) -> PayerRules:
    """`PayerRules` from a parsed TOML table.

    `fallback_id` names the payer where the table has no `id` (a file's stem). `strict` refuses
    keys nobody reads. Raises PayerRulesError with the key's path.
    """
    reader = _Reader(table)
    if strict:
        reader.refuse_unknown()
    rules_id = reader.text("id") or fallback_id
    flags = {name: reader.flag(name) for name in FLAGS}
    return PayerRules(
        id=rules_id,
        names=reader.texts("names"),
        payer_ids=reader.texts("payer_ids"),
        replacement_claims=flags["replacement_claims"],
        reopening=flags["reopening"],
        reopening_adds_lines=flags["reopening_adds_lines"],
        uses_history=flags["uses_history"],
        related_claim_field=reader.related_claim_field(),
        date_tolerance_days=reader.tolerance(),
        last_day=reader.last_days(),
        notes=reader.notes,
    )


class _Reader:
    """Reads one table key by key and keeps each value's source and day."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = table
        self.notes: dict[str, Noted] = {}

    def refuse_unknown(self) -> None:
        for key in self.table:
            if key not in KNOWN_KEYS | NOTE_KEYS:
                raise PayerRulesError((key,), "unknown key")
        days = self.table.get("last_day", {})
        if isinstance(days, dict) and "value" not in days:
            for key in days:
                if key not in frozenset(WAYS) | NOTE_KEYS:
                    raise PayerRulesError(("last_day", key), "unknown key")

    def value(self, holder: Mapping[str, Any], path: tuple[str, ...]) -> Any:
        """The value under a path's last key, out of `{value, source, checked}`. TOML has no null:
        a table that only says where it was looked up, an empty text and `unknown` are unset."""
        found = holder.get(path[-1])
        while isinstance(found, Mapping) and ("value" in found or _only_noted(found)):
            source, checked = found.get("source", ""), found.get("checked", "")
            self.notes[".".join(path)] = Noted(str(source), str(checked))
            found = found.get("value")
        return None if isinstance(found, str) and found.strip().lower() in UNSET else found

    def text(self, key: str) -> str:
        found = self.value(self.table, (key,))
        if found is None:
            return ""
        if isinstance(found, bool) or not isinstance(found, str | int):
            raise PayerRulesError((key,), "must be text")
        return str(found).strip()

    def texts(self, key: str) -> tuple[str, ...]:
        found = self.value(self.table, (key,))
        if found is None:
            return ()
        many = found if isinstance(found, list) else [found]
        if any(isinstance(one, bool) or not isinstance(one, str | int) for one in many):
            raise PayerRulesError((key,), "must be a list of texts")
        return tuple(str(one).strip() for one in many if str(one).strip())

    def flag(self, key: str) -> bool | None:
        found = self.value(self.table, (key,))
        if found is None or isinstance(found, bool):
            return found
        raise PayerRulesError((key,), "must be true or false")

    def related_claim_field(self) -> RelatedClaimField | None:
        found = self.value(self.table, ("related_claim_field",))
        if found is None:
            return None
        if found not in FIELDS:
            raise PayerRulesError(("related_claim_field",), f"must be one of {', '.join(FIELDS)}")
        return cast(RelatedClaimField, found)

    def tolerance(self) -> int:
        found = self.value(self.table, ("date_tolerance_days",))
        if found is None:
            return 0
        if isinstance(found, bool) or not isinstance(found, int):
            raise PayerRulesError(("date_tolerance_days",), "must be a whole number of days")
        if not 0 <= found <= MAX_TOLERANCE_DAYS:
            raise PayerRulesError(("date_tolerance_days",), f"must be 0 to {MAX_TOLERANCE_DAYS}")
        return found

    def last_days(self) -> dict[Way, tuple[Term, ...]]:
        days = self.value(self.table, ("last_day",))
        if days is None:
            return {}
        if not isinstance(days, Mapping):
            raise PayerRulesError(("last_day",), "must be a table")
        return {way: terms for way in WAYS if (terms := self._terms(days, way))}

    def _terms(self, days: Mapping[str, Any], way: Way) -> tuple[Term, ...]:
        path = ("last_day", way)
        found = self.value(days, path)
        if found is None:
            return ()
        many = found if isinstance(found, list) else [found]
        return tuple(self._term(one, path) for one in many)

    def _term(self, entry: Any, path: tuple[str, ...]) -> Term:
        while isinstance(entry, Mapping) and "value" in entry:
            entry = entry["value"]
        if not isinstance(entry, Mapping):
            raise PayerRulesError(path, "must be a list of {count, unit, anchor}")
        count, unit, anchor = (
            self.value(entry, (*path, key)) for key in ("count", "unit", "anchor")
        )
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MAX_COUNT:
            raise PayerRulesError(path, "count must be a whole number from 0")
        if unit not in UNITS:
            raise PayerRulesError(path, f"unit must be one of {', '.join(UNITS)}")
        if anchor not in ANCHORS:
            raise PayerRulesError(path, f"anchor must be one of {', '.join(ANCHORS)}")
        return Term(count, unit, anchor)


def _only_noted(table: Mapping[str, Any]) -> bool:
    return bool(table) and table.keys() <= NOTE_KEYS


@dataclass(frozen=True, slots=True)
class PayerRef:
    """A payer as far as it is known: rules, or only what files call it."""

    key: str
    """Equal for equal payers."""
    rules: PayerRules | None
    doubtful: bool = False
    """Its id and its name point at different rules, or one of them at several."""


Likeness = Literal["same", "other", "unknown"]


def likeness(one: PayerRef, two: PayerRef) -> Likeness:
    """Whether two payers are one. Two payers are known to be apart only where both have rules."""
    if one.key == two.key:
        return "same"
    if one.rules is not None and two.rules is not None:
        return "other"
    return "unknown"


class PayerBook:
    """Finds a payer's rules: by id first, then by name; contradicting hits are no hit."""

    def __init__(self, rules: Iterable[PayerRules]) -> None:
        self._by_id: dict[str, set[str]] = {}
        self._by_name: dict[str, set[str]] = {}
        self._rules: dict[str, PayerRules] = {}
        for one in rules:
            self._rules[one.id] = one
            for alias in (one.id, *one.payer_ids):
                self._by_id.setdefault(code(alias), set()).add(one.id)
            for name in one.names:
                self._by_name.setdefault(plain(name), set()).add(one.id)

    def hits(self, payer: Payer) -> tuple[set[str], set[str]]:
        """Ids of the rules its ids point at, and of those its name points at."""
        by_id: set[str] = set()
        for one in payer.ids:
            by_id |= self._by_id.get(code(one), set())
        return by_id, self._by_name.get(plain(payer.name), set()) if payer.name else set()

    def find(self, payer: Payer) -> tuple[PayerRules | None, bool]:
        """The rules, or None; and whether ids and name contradict each other."""
        by_id, by_name = self.hits(payer)
        if len(by_id) > 1 or (by_id and by_name and not by_id & by_name):
            return None, True
        if not by_id and len(by_name) > 1:
            return None, True
        for found in by_id or by_name:
            return self._rules[found], False
        return None, False

    def find_word(self, word: str) -> PayerRules | None:
        """The rules of a payer given by one word: its id, a payer id or a name."""
        rules, _ = self.find(Payer(ids=(word,)))
        return rules or self.find(Payer(name=word))[0]


class PayerDirectory:
    """Payers of one set of facts: known ones by their rules, others by shared ids and names."""

    def __init__(self, book: PayerBook, payers: Iterable[Payer]) -> None:
        self._refs: dict[Payer, PayerRef] = {}
        self._leader: dict[str, str] = {}
        unknown: list[Payer] = []
        for payer in dict.fromkeys(payers):
            rules, doubtful = book.find(payer)
            if rules is not None:
                self._refs[payer] = PayerRef(rules.id, rules)
            elif doubtful:
                raw = ",".join((*sorted(map(code, payer.ids)), plain(payer.name)))
                self._refs[payer] = PayerRef(f"doubtful {raw}", None, doubtful=True)
            else:
                unknown.append(payer)
                self._join(_marks(payer))
        for payer in unknown:
            marks = _marks(payer)
            self._refs[payer] = PayerRef(self._find(marks[0]) if marks else "", None)

    def __getitem__(self, payer: Payer) -> PayerRef:
        return self._refs[payer]

    def _find(self, mark: str) -> str:
        while (leader := self._leader.setdefault(mark, mark)) != mark:
            mark = leader
        return mark

    def _join(self, marks: list[str]) -> None:
        leaders = sorted({self._find(mark) for mark in marks})
        for leader in leaders[1:]:
            self._leader[leader] = leaders[0]


def _marks(payer: Payer) -> list[str]:
    ids = [f"id {code(one)}" for one in payer.ids if one.strip()]
    return ids + ([f"name {plain(payer.name)}"] if plain(payer.name) else [])
