"""The one error of reading a pair table."""

from server.errors import UserError


class PairFileError(UserError):
    """A pair table that cannot be used: names file, row and column, never a cell's text."""
