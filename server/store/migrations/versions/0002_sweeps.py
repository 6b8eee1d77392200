"""Accounts, sweeps, visits, portal states, workers."""

from __future__ import annotations

from alembic import op

from server.store.sweep_tables import SWEEPS

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    SWEEPS.create_all(op.get_bind())
