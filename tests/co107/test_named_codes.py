"""How reason codes are written for a person."""

import pytest

from server.co107.codes import named


@pytest.mark.parametrize(
    ("group", "carc", "written"),
    [
        ("CO", "107", "CO-107"),
        ("CO", "0107", "CO-107"),
        ("", "107", "107"),
        ("", "unmapped:P0001", "P0001 (a code of the payer's own, unmapped)"),
    ],
)
def test_a_code_is_written_with_its_group_or_as_the_payers_own(group, carc, written):
    assert named(group, carc) == written
