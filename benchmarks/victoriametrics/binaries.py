"""Finds VictoriaMetrics and vmalert, or unpacks the package of Debian testing.

Debian 12 has neither vmalert nor a VictoriaMetrics that knows `keep_firing_for` (1.90).
The newer package runs there as well; it is unpacked, not installed.
"""

import shutil
from pathlib import Path

from stack import debian

CACHE = Path(__file__).parents[2] / ".cache" / "victoriametrics"
NAMES = ("victoria-metrics", "vmalert")


def find(cache: Path = CACHE) -> Path:
    """The folder of both.

    Raises `subprocess.CalledProcessError` if neither PATH nor Debian has them.
    """
    found = [shutil.which(name) for name in NAMES]
    if all(found):
        return Path(str(found[0])).parent
    folder = cache / "root" / "usr" / "bin"
    if not all((folder / name).exists() for name in NAMES):
        debian.unpack_newer(cache, NAMES[:1])
    return folder
