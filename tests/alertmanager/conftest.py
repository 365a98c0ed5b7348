import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from stack.process import Process
from tests.alertmanager.outside import NEWER, Outside


@pytest.fixture(
    scope="module",
    params=["alertmanager", *(["newer"] if NEWER in os.environ else [])],
)
def binaries(request, monitoring_binaries):
    """The folder of an Alertmanager and its amtool: the demo's, then a newer one."""
    if request.param == "newer":
        return Path(os.environ[NEWER])
    return monitoring_binaries


@pytest.fixture(scope="module")
def outside(binaries, tmp_path_factory):
    """A running Alertmanager with every example, and a stand-in of each service."""
    folder = tmp_path_factory.mktemp("outside")
    with ExitStack() as stack:
        outside = Outside(folder, binaries, stack)
        # The certificate of the mail server is of an authority of its own.
        environment = os.environ | {"SSL_CERT_FILE": str(outside.authority)}
        log = folder / "alertmanager.log"
        process = Process("alertmanager", outside.command(), log, environment)
        stack.callback(process.stop)
        process.wait_until_ready(f"{outside.url}/-/ready")
        yield outside
