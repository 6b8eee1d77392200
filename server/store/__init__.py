"""What is kept: tables, sealing, queries, the audit trail. See README.md for what others call."""

from server.store.engine import Store, open_store
from server.store.errors import (
    KeyMissing,
    KeyWrong,
    NotThere,
    Refused,
    StoreBusy,
    StoreError,
    StoreFull,
)

__all__ = [
    "KeyMissing",
    "KeyWrong",
    "NotThere",
    "Refused",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoreFull",
    "open_store",
]
