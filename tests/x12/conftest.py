"""Lets the tests of this folder import its makers of files, and finds the public sample files."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of public sample files; the test is skipped where it is absent."""
    if not SAMPLES.is_dir():
        pytest.skip("no public sample files beside the repository")
    return SAMPLES
