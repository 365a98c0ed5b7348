"""Asks OSV, by pip-audit, whether anything that is pinned has a known vulnerability.

python .ci/audit.py tests/requirements.txt

ends with status 1 if so. A network that does not answer is said, and is no failure:
what is red has to mean something.
"""

import json
import subprocess
import sys
from collections.abc import Sequence

# How pip-audit ends when the service is away, or answers what is no answer.
UNREACHABLE = ("requests.exceptions.", "interface.ServiceError", "Could not connect")


def audit(requirements: str, *options: str) -> int:
    """Prints what is known about the pins in a file with hashes; 1 if that is bad.

    `options` are pip-audit's. Raises `CalledProcessError` if it fails for another
    reason than the network.
    """
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", requirements),
        *("--require-hashes", "--disable-pip", "--vulnerability-service", "osv"),
        *("--timeout", "5", "--progress-spinner", "off", "--format", "json"),
        *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        last_words = done.stderr.strip().rpartition("\n")[2]
        if not any(name in last_words for name in UNREACHABLE):
            sys.stderr.write(done.stderr)
            done.check_returncode()
        print(f"{requirements}: not audited: unreachable ({last_words:.120})")
        return 0
    packages = json.loads(done.stdout)["dependencies"]
    for package in packages:
        for known in package["vulns"]:
            fixed = ", ".join(known["fix_versions"]) or "nothing yet"
            pin = f"{package['name']} {package['version']}"
            print(f"{requirements}: {pin}: {known['id']}, fixed by {fixed}")
    print(f"{requirements}: {len(packages)} packages audited")
    return min(1, sum(len(package["vulns"]) for package in packages))


def main(arguments: Sequence[str]) -> None:
    """Audits the file that is named first; what follows goes to pip-audit."""
    sys.exit(audit(*arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
