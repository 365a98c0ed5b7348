"""The secret that Alertmanager shows and the receiver knows: a file, read each time."""

import hmac
import secrets
import tempfile
from pathlib import Path
from stat import S_IROTH, S_IWOTH


def admits(file: Path, authorization: str) -> bool:
    """Whether the header bears a token of `file`, compared in constant time.

    Each line is a token, so that a new one can be known here before it is shown.
    Without a token, or without the file, nobody is let in.
    """
    try:
        tokens = file.read_bytes().split()
    except OSError:
        return False
    given = authorization.encode("utf-8", "surrogateescape")
    # All of them: whoever measures time must not learn which was right.
    return sum(hmac.compare_digest(given, b"Bearer " + token) for token in tokens) > 0


def make(file: Path, *, replace: bool = False) -> None:
    """Writes a new token, for its owner and group to read, unless there is one.

    Whoever reads `file` meanwhile finds the old or the new one, whole. Raises
    `OSError`.
    """
    if file.exists() and not replace:
        return
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as new:
        new.write(secrets.token_urlsafe(32).encode())
    path = Path(new.name)
    path.chmod(0o440)
    path.replace(file)


def exposed(file: Path) -> str:
    """Who else can read `file`, as a sentence, or "" if nobody can.

    Raises `OSError` if anybody can write it, and so let himself in.
    """
    try:
        mode = file.stat().st_mode
    except OSError:
        return ""  # it may come later; until then, nobody is let in
    if mode & S_IWOTH:
        raise OSError(f"anybody on this machine can write {file}: chmod o-w it")
    if mode & S_IROTH:
        return f"anybody on this machine can read {file}: chmod o-r it"
    return ""
