"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer
from sqlalchemy.types import TypeDecorator

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit id; SQLite gives row ids only to plain INTEGER."""

_CENT = Decimal("0.01")


class Cents(TypeDecorator[Decimal]):
    """US dollars as whole cents. What is finer than a cent is rounded half to even."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else to_cents(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else from_cents(int(value))


class Moment(TypeDecorator[datetime]):
    """A moment: aware and UTC in Python, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def to_cents(value: Decimal) -> int:
    """Whole cents of an amount."""
    return int(value.quantize(_CENT, ROUND_HALF_EVEN) * 100)


def from_cents(value: int) -> Decimal:
    """An amount from whole cents, always with two decimals."""
    return Decimal(value).scaleb(-2)
