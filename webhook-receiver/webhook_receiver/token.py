"""The secret that Alertmanager and the receiver share: a file, read each time."""

import hmac
import secrets
import tempfile
from pathlib import Path
from stat import S_IROTH, S_IWOTH


def is_valid(file: Path, authorization: str) -> bool:
    """Whether the header bears a token of `file`, compared in constant time.

    Each line is a token, so that the receiver can accept a new one before Alertmanager
    sends it. Without a token, or without the file, no request is accepted.
    """
    try:
        tokens = file.read_bytes().split()
    except OSError:
        return False
    # The scheme is case-insensitive (RFC 9110, 11.1), and separated by spaces.
    scheme, _, given = authorization.partition(" ")
    shown = given.strip(" ").encode("utf-8", "surrogateescape")
    # All of them: the time that this takes must not show which one was right.
    matches = sum(hmac.compare_digest(shown, token) for token in tokens)
    return scheme.lower() == "bearer" and matches > 0


def make(file: Path, *, replace: bool = False) -> None:
    """Writes a new token, for its owner and group to read, unless there is one.

    A reader sees the old or the new one, complete. Raises `OSError`.
    """
    if file.exists() and not replace:
        return
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as new:
        new.write(secrets.token_urlsafe(32).encode())
    path = Path(new.name)
    path.chmod(0o440)
    path.replace(file)


def permission_warning(file: Path) -> str:
    """A sentence if every user of this machine can read `file`, else "".

    Raises `OSError` if every user can write it, and so choose the token.
    """
    try:
        mode = file.stat().st_mode
    except OSError:
        return ""  # it may be created later; until then no request is accepted
    if mode & S_IWOTH:
        raise OSError(f"every user of this machine can write {file}: chmod o-w it")
    if mode & S_IROTH:
        return f"every user of this machine can read {file}: chmod o-r it"
    return ""
