"""What the pages keep: filters people saved, sign-in links, when a report was last made."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, MetaData, String, Table, Text

from server.store.columns import BigId, Moment

PAGES = MetaData()

saved_filters = Table(
    "saved_filters",
    PAGES,
    Column("id", BigId, primary_key=True),
    Column("person", BigId, nullable=False),
    Column("name", String(60), nullable=False),
    # The worklist's own query; what a person typed into the search box is never kept.
    Column("query", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("uq_saved_filters_person_name", "person", "name", unique=True),
    sqlite_autoincrement=True,
)

entry_links = Table(
    "entry_links",
    PAGES,
    # SHA-256 of the link's secret; the secret itself is shown once and kept nowhere.
    Column("hash", LargeBinary, primary_key=True),
    Column("person", BigId, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

report_marks = Table(
    "report_marks",
    PAGES,
    Column("practice", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
)
