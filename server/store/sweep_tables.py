"""The sweeps' tables: accounts, sweeps, visits, what stands at each portal, workers.

Ids and states are clear; a claim to look up, a signed-in session and a page's skeleton are sealed.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from server.store.columns import BigId, Moment

SWEEPS = MetaData()

accounts = Table(
    "accounts",
    SWEEPS,
    # The id under which the keyring, the environment or a command holds its password.
    Column("id", String(80), primary_key=True),
    Column("practice", String(64), nullable=False, index=True),
    Column("portal", String(64), nullable=False),
    # Of the portal's payer, and whether the portal may be swept: read from its TOML at each start.
    Column("payer_ids", Text, nullable=False, server_default=text("''")),
    Column("payer_name", Text, nullable=False, server_default=text("''")),
    Column("permitted", Boolean, nullable=False, server_default=text("false")),
    Column("state", String(12), nullable=False),  # active, stopped, paused, waits
    Column("error", String(40), nullable=False, server_default=text("''")),
    Column("asks", Text, nullable=False, server_default=text("''")),
    Column("since", Moment, nullable=False),
    # The signed-in browser state, bound to this account.
    Column("session", LargeBinary),
    Column("session_at", Moment),
    Column("submitted_at", Moment),
    # One holder at a time, anywhere; each holding has a token of its own.
    Column("held_by", String(120), nullable=False, server_default=text("''")),
    Column("hold", String(32), nullable=False, server_default=text("''")),
    Column("held_until", Moment),
)

sweeps = Table(
    "sweeps",
    SWEEPS,
    Column("id", String(64), primary_key=True),
    Column("practice", String(64), nullable=False),
    Column("asked_by", String(200), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Index("ix_sweeps_practice_started_at", "practice", "started_at"),
)

sweep_accounts = Table(
    "sweep_accounts",
    SWEEPS,
    Column("sweep", String(64), primary_key=True),
    Column("account", String(80), primary_key=True),
    Column("portal", String(64), nullable=False),
    # planned, running, done, refused, skipped, failed
    Column("state", String(12), nullable=False),
    Column("error", String(40), nullable=False, server_default=text("''")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("sign_ins", Integer, nullable=False, server_default=text("0")),
    Column("finished_at", Moment),
)

visits = Table(
    "visits",
    SWEEPS,
    Column("id", BigId, primary_key=True),
    Column("sweep", String(64), nullable=False),
    Column("account", String(80), nullable=False),
    Column("practice", String(64), nullable=False),
    Column("portal", String(64), nullable=False),
    Column("claim_key", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False),  # planned, done, failed, unread
    Column("outcome", String(12), nullable=False, server_default=text("''")),
    Column("error", String(40), nullable=False, server_default=text("''")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("at", Moment),
    Column("changed", Integer, nullable=False, server_default=text("0")),
    # SHA-256 of the pages as they stood.
    Column("page_hash", String(64), nullable=False, server_default=text("''")),
    # Which claim; the page's redacted skeleton.
    Column("sealed", LargeBinary, nullable=False),
    Column("skeleton", LargeBinary),
    UniqueConstraint("sweep", "account", "claim_key"),
    Index("ix_visits_sweep_account", "sweep", "account", "state"),
    Index("ix_visits_claim_key", "practice", "claim_key", "at"),
    sqlite_autoincrement=True,
)

portal_states = Table(
    "portal_states",
    SWEEPS,
    Column("practice", String(64), primary_key=True),
    Column("portal", String(64), primary_key=True),
    Column("state", String(12), nullable=False),  # ok, changed, down
    Column("error", String(40), nullable=False, server_default=text("''")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("since", Moment, nullable=False),
    Column("nights_down", Integer, nullable=False, server_default=text("0")),
    # Accounts that met a changed page, comma between them.
    Column("met_by", Text, nullable=False, server_default=text("''")),
)

workers = Table(
    "workers",
    SWEEPS,
    Column("name", String(120), primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("beat_at", Moment, nullable=False, index=True),
    Column("ended", Boolean, nullable=False, server_default=text("false")),
)
