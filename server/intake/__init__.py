"""The one door in: every source's facts pass here, once each, and what they touch is decided."""

from server.intake.door import (
    Change,
    FileOutcome,
    Import,
    add_facts,
    decide_again,
    import_files,
    observe,
)
from server.intake.eob import answers_of, read_eobs
from server.intake.marks import sent, undo
from server.intake.packing import build_packet

__all__ = [
    "Change",
    "FileOutcome",
    "Import",
    "add_facts",
    "answers_of",
    "build_packet",
    "decide_again",
    "import_files",
    "observe",
    "read_eobs",
    "sent",
    "undo",
]
