"""Saved filters, sign-in links, when a report was last made, as they were when they came.

Written out: a later change of `server/store/web_tables.py` is a migration of its own. In a
`MetaData` without names for keys, as the tables were then: PostgreSQL names them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    tables = sa.MetaData()
    sa.Table(
        "saved_filters",
        tables,
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("person", BIG_ID, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Index("uq_saved_filters_person_name", "person", "name", unique=True),
        sqlite_autoincrement=True,
    )
    sa.Table(
        "entry_links",
        tables,
        sa.Column("hash", sa.LargeBinary(), primary_key=True),
        sa.Column("person", BIG_ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
    )
    sa.Table(
        "report_marks",
        tables,
        sa.Column("practice", sa.String(64), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )
    tables.create_all(op.get_bind())
