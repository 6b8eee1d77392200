"""What a decision needs beside the facts: payer rules, pair table, remark codes, the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from server.co107.charging import ChargeKey
from server.co107.pairs import PairTable
from server.co107.payers import PayerRules
from server.co107.surroundings import Surroundings
from server.codes.lookup import catalogue
from server.official_store import load_list
from server.pair_store import load_pairs, table_file
from server.payer_files import read_payers
from server.settings import Settings

_Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Read:
    stamp: _Stamp
    payers: tuple[PayerRules, ...]
    pairs: PairTable
    remarks: frozenset[str]


_LAST: dict[tuple[Path, Path], _Read] = {}


def surroundings(
    settings: Settings,
    today: date,
    swept: frozenset[str] = frozenset(),
    packeted: Mapping[ChargeKey, str] | None = None,
) -> Surroundings:
    """The surroundings of a run; files are read again only where one of them changed."""
    read = _read(settings)
    return Surroundings(
        today=today,
        payers=read.payers,
        pairs=read.pairs,
        known_remarks=read.remarks,
        swept=swept,
        evidence_days=settings.decision.evidence_days,
        packeted=packeted or {},
    )


def _read(settings: Settings) -> _Read:
    home, config = settings.home, settings.config
    stamp = _stamp(home, config)
    last = _LAST.get((home, config))
    if last is None or last.stamp != stamp:
        official = load_list(home, "rarc")
        remarks = frozenset(catalogue().rarc) | frozenset(official.codes if official else ())
        last = _Read(stamp, read_payers(config / "payers"), load_pairs(home, config), remarks)
        _LAST[(home, config)] = last
    return last


def _stamp(home: Path, config: Path) -> _Stamp:
    files = [
        *sorted((config / "payers").glob("*.toml")),
        config / "pairs" / "starter.csv",
        table_file(home),
        home / "official" / "rarc.json",
    ]
    seen = []
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        seen.append((str(file), status.st_mtime_ns, status.st_size))
    return tuple(seen)
