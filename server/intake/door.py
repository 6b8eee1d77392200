"""The one door: files, looks, hand-entered answers and marks come in here, each fact once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from server.facts import Fact, Look
from server.intake.around import surroundings
from server.intake.deciding import Settled, decide_all_lines, decide_due
from server.intake.reading import FileKind, Reading, read
from server.settings import Settings
from server.store import Store, audit, documents, facts, practices
from server.store.facts import Taken
from server.x12 import Finding


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What became of one file."""

    name: str
    kind: FileKind
    taken: bool
    reason: str
    """Why it was refused, one line; "" where taken."""
    new: int
    known: int
    """Facts that were there already."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What an intake did."""

    new: int
    known: int
    decided: int
    """Lines that were decided."""
    lines: tuple[int, ...]
    """Ids of the lines whose decision is new or other than it was."""


@dataclass(frozen=True, slots=True)
class Import:
    """What became of some files, and what was decided after them."""

    files: tuple[FileOutcome, ...]
    decided: int
    lines: tuple[int, ...]

    @property
    def refused(self) -> int:
        """How many files were refused."""
        return sum(not one.taken for one in self.files)


def import_files(
    store: Store,
    practice: str,
    files: Iterable[tuple[str, bytes]],
    *,
    who: str,
    today: date,
    settings: Settings,
) -> Import:
    """Take files in, each whole or not at all, then decide what they touch.

    A refused file changes nothing and the others go on. Facts may come in any order: a file is one
    transaction, and only the cohorts it touches are decided again.
    """
    practices.ensure(store, practice)
    # Broken rules or pairs are said before anything is taken.
    surroundings(settings, today)
    outcomes = [
        _take_file(store, practice, name, content, who, settings) for name, content in files
    ]
    settled = decide_due(store, practice, today, settings)
    return Import(tuple(outcomes), settled.decided, settled.changed)


def _take_file(
    store: Store, practice: str, name: str, content: bytes, who: str, settings: Settings
) -> FileOutcome:
    limit = settings.intake.max_file_mib
    if len(content) > limit << 20:
        return FileOutcome(name, "unknown", False, f"larger than {limit} MiB", 0, 0, ())
    reading = read(name, content)
    if reading.refused:
        return FileOutcome(name, reading.kind, False, reading.refused, 0, 0, reading.findings)
    keep = reading.kind == "837" and settings.intake.keep_claim_files
    with store.writing() as connection:
        practices.lock(connection, practice)
        document = documents.put(
            connection, store.sealer, practice, reading.kind, name, content, who, keep
        )
        taken = facts.put(connection, store.sealer, practice, reading.facts, document)
        audit.append(
            store,
            who,
            "import",
            practice,
            f"document {document}",
            kind=reading.kind,
            new=taken.new,
            known=taken.known,
        )
    return _outcome(name, reading, taken)


def _outcome(name: str, reading: Reading, taken: Taken) -> FileOutcome:
    return FileOutcome(
        name, reading.kind, True, "", taken.new, taken.known, tuple(reading.findings)
    )


def add_facts(
    store: Store,
    practice: str,
    coming: Sequence[Fact],
    *,
    who: str,
    today: date,
    settings: Settings,
    what: str = "facts",
) -> Change:
    """Let facts in that come from no file: hand-entered answers, marks, looks."""
    practices.ensure(store, practice)
    with store.writing() as connection:
        practices.lock(connection, practice)
        taken = facts.put(connection, store.sealer, practice, coming)
        audit.append(store, who, what, practice, "", new=taken.new, known=taken.known)
    return change(taken, decide_due(store, practice, today, settings))


def change(taken: Taken, settled: Settled) -> Change:
    """What an intake and the deciding after it did."""
    return Change(taken.new, taken.known, settled.decided, settled.changed)


def observe(
    store: Store, practice: str, look: Look, *, who: str, today: date, settings: Settings
) -> Change:
    """Let in what one look of a sweep or of an extension gave."""
    return add_facts(
        store, practice, [look], who=who, today=today, settings=settings, what="observe"
    )


def decide_again(store: Store, practice: str, *, today: date, settings: Settings) -> Change:
    """Decide every line again as of a day: deadlines pass, evidence ages, rules change."""
    practices.ensure(store, practice)
    settled = decide_all_lines(store, practice, today, settings)
    return Change(0, 0, settled.decided, settled.changed)
