"""Search over the catalogue: a few words in, the best entries first. No index files, no network."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from server.codes.entries import CarcEntry, Entry, GroupEntry, RarcEntry

_WORD = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*")
_SMALL_WORDS = "a an and as at be by for from in is it of on or the this to was with"
_SMALL = frozenset(_SMALL_WORDS.split())
_TWO_WORDS = (("add on", "add-on"), ("co pay", "copay"), ("prior auth", "authorization"))
# What billers type for what the entries say.
_SAME = {
    "abn": "notice",
    "addon": "add-on",
    "cob": "other insurer",
    "denied": "denial",
    "dme": "equipment",
    "dob": "birth date",
    "dup": "duplicate",
    "eob": "remittance",
    "icd": "diagnosis",
    "oon": "out-of-network",
    "pos": "place",
    "preauth": "authorization",
    "precert": "authorization",
    "precertification": "authorization",
    "qmb": "qualified medicare beneficiary",
    "ssn": "identifier",
    "wc": "compensation",
}
_ENDINGS = ("ations", "ation", "ing", "ies", "ed", "es", "ly", "s", "e", "y")
_TITLE, _TOPIC, _BODY, _REST = 12.0, 6.0, 5.0, 2.0
_PREFIX_FACTOR = 0.7
_ENDED_FACTOR = 0.4
# Codes written in full are the ones billers meet.
_FULL_FACTOR = 1.4


@dataclass(frozen=True, slots=True)
class Indexed:
    """An entry with the stems of its words, by the weight of the field they stand in."""

    entry: Entry
    fields: tuple[tuple[float, frozenset[str], str], ...]
    """Weight, stems, and the words in order joined by blanks (for phrases)."""
    factor: float
    """How likely it is what a biller means, all words being equal."""


def index(entries: Iterable[Entry]) -> tuple[Indexed, ...]:
    """Prepare entries for `rank`; done once for a catalogue."""
    return tuple(_indexed(entry) for entry in entries)


def rank(query: str, indexed: Iterable[Indexed], limit: int) -> list[tuple[float, Entry]]:
    """The best `limit` entries for `query`, best first, each with its score (above 0).

    An entry in which every word of the query is found comes before one in which some are missing;
    codes that have ended rank lower.
    """
    stems = [stem(word) for word in _words(_expand(query))]
    if not stems:
        return []
    phrase = " ".join(stems)
    found = []
    for item in indexed:
        score, hits = _score(stems, phrase, item)
        if hits:
            share = hits / len(stems)
            found.append((share * share * score * item.factor, item.entry))
    found.sort(key=lambda pair: (-pair[0], _order(pair[1].code)))
    return found[:limit]


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A word without its ending, so that `bundled` finds `bundling`."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _score(stems: list[str], phrase: str, item: Indexed) -> tuple[float, int]:
    score, hits = 0.0, 0
    for wanted in stems:
        before = score
        for weight, present, _ in item.fields:
            if wanted in present:
                score += weight
            elif len(wanted) >= 4 and any(word.startswith(wanted) for word in present):
                score += weight * _PREFIX_FACTOR
        hits += score > before
    if len(stems) > 1:
        score += max((weight for weight, _, text in item.fields if phrase in text), default=0.0)
    return score, hits


def _parts(entry: Entry) -> list[tuple[float, list[str]]]:
    parts = [(_TITLE, [entry.code, entry.title, *entry.keywords])]
    if isinstance(entry, CarcEntry):
        parts += [
            (_TOPIC, [entry.category.replace("_", " ")]),
            (_BODY, [entry.meaning, *entry.causes]),
            (_REST, [*entry.next_steps, entry.appeal_basis or ""]),
        ]
    elif isinstance(entry, RarcEntry):
        parts += [
            (_TOPIC, [entry.category.replace("_", " ")]),
            (_BODY, [entry.asks_for]),
            (_REST, [entry.route or ""]),
        ]
    elif isinstance(entry, GroupEntry):
        parts += [(_BODY, [entry.meaning]), (_REST, list(entry.next_steps))]
    return parts


def _field(weight: float, texts: list[str]) -> tuple[float, frozenset[str], str]:
    stems = [stem(word) for text in texts for word in _words(text)]
    return weight, frozenset(stems), " ".join(stems)


def _words(text: str) -> list[str]:
    words = []
    for word in _WORD.findall(text.lower()):
        if word not in _SMALL:
            words.append(word)
            if "-" in word and word != "add-on":
                words += [part for part in word.split("-") if part not in _SMALL]
    return words


def _expand(query: str) -> str:
    text = query.lower()
    for apart, joined in _TWO_WORDS:
        text = re.sub(rf"\b{apart}\b", joined, text)
    return " ".join(_SAME.get(word, word) for word in _WORD.findall(text))


def _indexed(entry: Entry) -> Indexed:
    fields = tuple(_field(weight, texts) for weight, texts in _parts(entry))
    full = getattr(entry, "depth", "brief") == "full"
    ended = getattr(entry, "ended", None) is not None
    factor = (_FULL_FACTOR if full else 1.0) * (_ENDED_FACTOR if ended else 1.0)
    return Indexed(entry, fields, factor)


def _order(code: str) -> tuple[str, int]:
    letters = code.rstrip("0123456789")
    return letters, int(code[len(letters) :] or 0)
