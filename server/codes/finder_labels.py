"""Labels: what the words right before a value, or in a header cell, say the value is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from server.codes.finder_rules import rules

HeaderKind = Literal[
    "carc", "rarc", "both", "group", "code", "diagnosis", "modifier", "state", "identity", "other"
]
LabelKind = Literal["carc", "rarc", "both", "code"]
"""`code`: it says "code" and no more; a number is a CARC where a group is named beside it."""

REACH: Final = 96
"""How far left of a value a label may begin."""

_RUNS: Final = re.compile(r"[A-Za-z]+|[^A-Za-z]+")
_CAMEL: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_EDGES: Final = "\n\t|"
_MAX_KEY: Final = 40


@dataclass(frozen=True, slots=True)
class Label:
    """A label and where it begins."""

    kind: LabelKind
    sure: bool
    """It says "code" or is jargon; a bare "Reason" is not sure."""
    plural: bool
    start: int
    crosses: bool
    """A line's or cell's edge lies between label and value."""


def _split(word: str) -> list[str]:
    """`adjReasonCode` as its words; a word of the vocabulary stays whole."""
    lower = word.lower()
    if lower in rules().label_words or lower in rules().words["joining"]:
        return [lower]
    return [part.lower() for part in _CAMEL.findall(word)]


def label_before(text: str, at: int, *, alone: bool = True) -> Label | None:
    """The label whose value begins at `at`, or None.

    `alone`: where an edge lies between, the label must fill its own line or cell.
    """
    grammar = rules()
    begin = max(0, at - REACH)
    runs = _RUNS.findall(text[begin:at])
    if not runs:
        return None
    place, crosses, indexed, gap = at, False, False, ""
    if not runs[-1][0].isalpha():
        gap = runs.pop()
        place -= len(gap)
        crosses = any(edge in gap for edge in _EDGES)
        if not grammar.pattern["label_gap"].match(gap):
            if not grammar.pattern["index_gap"].match(gap):
                return None
            indexed = True
    said, place = _collect(text, runs, place)
    kind = _kind(said)
    if kind is None:
        return None
    if crosses and alone and not _fills(text, place, "\n" if "\n" in gap else _EDGES):
        return None
    words = grammar.words
    sure = bool(said & words["carc_sure"] or said & words["rarc"] or said & words["code"])
    sure = sure or "ansi" in said
    plural = not indexed and bool(said & words["plural"])
    return Label(kind, sure, plural, place, crosses)


def _collect(text: str, runs: list[str], place: int) -> tuple[set[str], int]:
    """The vocabulary words that end at `place`, and where the first of them begins."""
    grammar = rules()
    vocabulary, joining = grammar.label_words, grammar.words["joining"]
    gap_allowed = grammar.pattern["word_gap"].match
    said: set[str] = set()
    start = place
    while runs:
        run = runs.pop()
        if not run[0].isalpha():
            if not gap_allowed(run):
                break
            place -= len(run)
            continue
        words = _split(run)
        whole = True
        for word in reversed(words):
            if word in vocabulary or (word == "for" and said & grammar.words["denial"]):
                said.add(word)
            elif word in joining and not said:
                continue
            else:
                whole = False
                break
        if not whole and len(words) == 1:
            break
        place -= len(run)
        start = place
        if not whole:
            break
    return said, start


def _kind(said: set[str]) -> LabelKind | None:
    words = rules().words
    remark = bool(said & words["rarc"])
    reason = bool(said & words["carc"]) or "ansi" in said
    if said & words["denial"] and said & words["code"] and not said & words["group"]:
        reason = True
    if remark and reason:
        # "Adjustment remark codes" hold remark codes; "Reason/remark codes" hold both.
        return "both" if said & words["carc"] else "rarc"
    if said and said <= words["code"] - {"no", "nbr", "num", "s"}:
        return "code"
    return "rarc" if remark else "carc" if reason else None


def key_kind(text: str, at: int) -> HeaderKind | None:
    """What the line above, or the cell before, says a value at `at` is: "Auth #", "Diagnosis"."""
    edge = text[at - 1 : at]
    if edge not in ("\n", "\t"):
        return None
    begin = max(0, at - 1 - _MAX_KEY)
    key = text[begin : at - 1]
    key = key[max(key.rfind("\n"), -1 if edge == "\n" else key.rfind("\t")) + 1 :]
    if len(key) == _MAX_KEY or "\t" in key or sum(map(str.isdigit, key)) > 2:
        return None
    return header_kind(key.strip(" :*\u00a0"))


def _fills(text: str, start: int, edges: str) -> bool:
    """Whether nothing but space stands between the line's or cell's edge and `start`."""
    before = text[max(0, start - REACH) : start]
    cut = max(before.rfind(edge) for edge in edges)
    if cut < 0 and start > REACH:
        return False
    return not any(sign.isalnum() for sign in before[cut + 1 :])


@lru_cache(maxsize=8192)
def header_kind(text: str) -> HeaderKind | None:
    """What a column holds whose header cell says `text`; None where the words say nothing.

    Every word must belong to one vocabulary: "Reason for visit" heads no reason codes.
    """
    if len(text) > REACH:
        return None
    grammar = rules()
    said = {word for run in re.findall(r"[A-Za-z]+[0-9]*", text) for word in _header_words(run)}
    said -= grammar.words["noise"]
    if said & grammar.words["denial"]:
        # "Reason for denial"
        said.discard("for")
    if not said:
        return "identity" if "#" in text else "other" if "$" in text or "%" in text else None
    if said <= grammar.label_words:
        if "#" in text and not said & (grammar.words["carc"] | grammar.words["rarc"]):
            return "identity"
        if said & grammar.words["group"] and not said & {"no", "nbr", "num"}:
            return _kind(said) or "group"
        kind = _kind(said)
        if kind:
            return kind
    return _other_kind(said)


def _header_words(run: str) -> list[str]:
    lower = run.lower()
    bare = lower.rstrip("0123456789")
    for known in rules().headers.values():
        if lower in known:
            return [lower]
    return _split(run[: len(bare)]) if bare else []


def _other_kind(said: set[str]) -> HeaderKind | None:
    """The kind of a column that holds no codes: every word known, the most telling one counts."""
    grammar = rules()
    spare = grammar.label_words
    everything = spare.union(*grammar.headers.values())
    if not said <= everything:
        return None
    order: tuple[HeaderKind, ...] = ("diagnosis", "modifier", "state", "identity", "other")
    for kind in order:
        if said & grammar.headers[kind] and said <= grammar.headers[kind] | spare:
            return kind
    return next((kind for kind in order[3:] if said & grammar.headers[kind]), None)
