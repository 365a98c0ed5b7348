from pathlib import Path

import pytest

from stack import binaries


@pytest.fixture(scope="session")
def monitoring_binaries():
    """The folder of prometheus, promtool, alertmanager and amtool."""
    return binaries.find()


@pytest.fixture(scope="session")
def root():
    """The folder of the project."""
    return Path(__file__).parents[1]
