"""Small tables people and other programs hand in, read into facts: charges, marks, looks."""

from server.tables.charges import read_charges
from server.tables.observations import read_observations
from server.tables.rows import TableError
from server.tables.sent import read_sent

__all__ = ["TableError", "read_charges", "read_observations", "read_sent"]
