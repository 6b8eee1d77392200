"""Accounts, sweeps, visits, portal states, workers, as they were when they came.

Written out: a later change of `server/store/sweep_tables.py` is a migration of its own. In a
`MetaData` without names for keys, as the tables were then: PostgreSQL names them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    tables = sa.MetaData()
    _accounts(tables)
    _sweeps(tables)
    _visits(tables)
    _states(tables)
    tables.create_all(op.get_bind())


def text(name: str) -> sa.Column[str]:
    """A text that is empty where nothing is known."""
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def word(name: str, length: int) -> sa.Column[str]:
    """As `text`, of so many characters."""
    return sa.Column(name, sa.String(length), server_default=sa.text("''"), nullable=False)


def _accounts(tables: sa.MetaData) -> None:
    sa.Table(
        "accounts",
        tables,
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("practice", sa.String(64), nullable=False),
        sa.Column("portal", sa.String(64), nullable=False),
        text("payer_ids"),
        text("payer_name"),
        sa.Column("permitted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        word("error", 40),
        text("asks"),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("session", sa.LargeBinary()),
        sa.Column("session_at", MOMENT),
        sa.Column("submitted_at", MOMENT),
        word("held_by", 120),
        word("hold", 32),
        sa.Column("held_until", MOMENT),
        sa.Index("ix_accounts_practice", "practice"),
    )


def _sweeps(tables: sa.MetaData) -> None:
    sa.Table(
        "sweeps",
        tables,
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("practice", sa.String(64), nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Index("ix_sweeps_practice_started_at", "practice", "started_at"),
    )
    sa.Table(
        "sweep_accounts",
        tables,
        sa.Column("sweep", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(80), primary_key=True),
        sa.Column("portal", sa.String(64), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        word("error", 40),
        text("reason"),
        sa.Column("sign_ins", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("finished_at", MOMENT),
    )


def _visits(tables: sa.MetaData) -> None:
    sa.Table(
        "visits",
        tables,
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("sweep", sa.String(64), nullable=False),
        sa.Column("account", sa.String(80), nullable=False),
        sa.Column("practice", sa.String(64), nullable=False),
        sa.Column("portal", sa.String(64), nullable=False),
        sa.Column("claim_key", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        word("outcome", 12),
        word("error", 40),
        text("reason"),
        sa.Column("at", MOMENT),
        sa.Column("changed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        word("page_hash", 64),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("skeleton", sa.LargeBinary()),
        sa.UniqueConstraint("sweep", "account", "claim_key"),
        sa.Index("ix_visits_sweep_account", "sweep", "account", "state"),
        sa.Index("ix_visits_claim_key", "practice", "claim_key", "at"),
        sqlite_autoincrement=True,
    )


def _states(tables: sa.MetaData) -> None:
    sa.Table(
        "portal_states",
        tables,
        sa.Column("practice", sa.String(64), primary_key=True),
        sa.Column("portal", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(12), nullable=False),
        word("error", 40),
        text("reason"),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("nights_down", sa.Integer(), server_default=sa.text("0"), nullable=False),
        text("met_by"),
    )
    sa.Table(
        "workers",
        tables,
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("beat_at", MOMENT, nullable=False),
        sa.Column("ended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Index("ix_workers_beat_at", "beat_at"),
    )
