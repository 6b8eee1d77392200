"""When a line became ready and was paid; sums by day; claims and answers counted; indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
CENTS = sa.BigInteger()
ANSWER = 2  # a payer's answer for one claim, among the kinds of facts


def upgrade() -> None:
    """What stands already is counted; when it was decided is known as well as it can be."""
    _reached()
    _indexes()
    _day_sums()
    _counted()


def _reached() -> None:
    op.add_column("lines", sa.Column("ready_at", MOMENT, nullable=True))
    op.add_column("lines", sa.Column("paid_at", MOMENT, nullable=True))
    op.execute("UPDATE lines SET ready_at = changed_at WHERE state = 'ready'")
    op.execute("UPDATE lines SET paid_at = changed_at WHERE state = 'resolved'")
    for name in ("ready_at", "paid_at", "sent_on"):
        where = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_lines_{name}",
            "lines",
            ["practice", name],
            unique=False,
            sqlite_where=where,
            postgresql_where=where,
        )


def _indexes() -> None:
    """Pages of lines that are not open, of those worked, and of a state by amount."""
    dearest = sa.text("amount DESC")
    op.create_index("ix_lines_every_due", "lines", ["practice", "due", "id"], unique=False)
    op.create_index("ix_lines_every_amount", "lines", ["practice", dearest, "id"], unique=False)
    op.create_index(
        "ix_lines_state_amount", "lines", ["practice", "state", dearest, "id"], unique=False
    )
    op.create_index(
        "ix_lines_worked",
        "lines",
        ["practice", "due", "id"],
        unique=False,
        sqlite_where=sa.text("worked"),
        postgresql_where=sa.text("worked"),
    )


def _day_sums() -> None:
    op.create_table(
        "day_sums",
        sa.Column("practice", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("lines", BIG_ID, nullable=False),
        sa.Column("amount", CENTS, nullable=False),
        sa.ForeignKeyConstraint(
            ["practice"], ["practices.id"], name="fk_day_sums_practice_practices"
        ),
        sa.PrimaryKeyConstraint("practice", "what", "day", name="pk_day_sums"),
    )
    for what, day, amount, where in (
        ("due", "due", "amount", "open"),
        ("denied", "denied_on", "amount", "denied_on IS NOT NULL"),
        ("paid", "produced", "recovered", "produced IS NOT NULL AND recovered <> 0"),
    ):
        op.execute(
            "INSERT INTO day_sums (practice, what, day, lines, amount) "  # noqa: S608  our words
            f"SELECT practice, '{what}', {day}, count(*), sum({amount}) FROM lines "
            f"WHERE {where} GROUP BY practice, {day}"
        )


def _counted() -> None:
    op.execute(
        "INSERT INTO counters (practice, name, value) "
        "SELECT practice, 'claims', count(DISTINCT claim_key) FROM lines GROUP BY practice"
    )
    op.execute(
        "INSERT INTO counters (practice, name, value) "  # noqa: S608  our number
        f"SELECT practice, 'answers', count(*) FROM facts WHERE kind = {ANSWER} GROUP BY practice"
    )
