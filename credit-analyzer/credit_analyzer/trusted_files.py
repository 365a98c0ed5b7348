"""Reads files that only those who run the analyzer anyway can have written.

A model is code. A user who can write its files can do all that the analyzer can, so
they have to be as hard to write as the analyzer's own.
"""

import errno
import grp
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A file of a ConfigMap or Secret in Kubernetes is a link to a link.
MAX_LINKS = 4


class UntrustedFile(Exception):
    """A file that a stranger can have written. The message names it and the fix."""


def read(folder: Path, *names: str) -> list[bytes]:
    """The content of the files `names` in `folder`.

    Folder and files must belong to root, to the user who runs this or to the owner of
    this program, and no other user may be able to write them. On a mount that is
    read-only here, neither counts: those who mount it decide what is in it.

    What is checked is what is read: each is opened once, the files by way of the
    folder. `folder` may be a symbolic link. A file may be one if it leads to a file
    within the folder, by way of folders that are checked alike.

    Raises `UntrustedFile`, and `OSError` for what cannot be opened.
    """
    with _closing(os.open(folder, os.O_RDONLY | os.O_DIRECTORY)) as directory:
        _check(folder, directory)
        return [_read(folder, directory, name) for name in names]


@contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read(folder: Path, directory: int, name: str) -> bytes:
    path = folder / name
    with _closing(_opened(folder, directory, Path(name), MAX_LINKS)) as descriptor:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UntrustedFile(f"{path} is not a file")
        _check(path, descriptor)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()


def _opened(folder: Path, directory: int, path: Path, links: int) -> int:
    """A descriptor of `path` below `directory`, name by name."""
    first, *rest = path.parts
    if first in ("..", path.anchor):
        raise UntrustedFile(
            f"{folder / path} leads out of {folder}: name the folder the file is in"
        )
    # Without O_NONBLOCK, a pipe in the place of a file is waited for.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        found = os.open(first, flags, dir_fd=directory)
    except OSError as error:
        if error.errno != errno.ELOOP or not links:
            raise OSError(error.errno, error.strerror, str(folder / path)) from error
        link = os.stat(first, dir_fd=directory, follow_symlinks=False)
        _check_owner(folder / first, link.st_uid)
        target = Path(os.readlink(first, dir_fd=directory))
        return _opened(folder, directory, target.joinpath(*rest), links - 1)
    if not rest:
        return found
    with _closing(found):
        _check(folder / first, found)
        return _opened(folder / first, found, Path(*rest), links)


def _check(path: Path, descriptor: int) -> None:
    if os.fstatvfs(descriptor).f_flag & os.ST_RDONLY:
        return
    status = os.fstat(descriptor)
    _check_owner(path, status.st_uid)
    if status.st_mode & stat.S_IWOTH:
        raise UntrustedFile(
            f"{path} can be written by every user: chmod go-w {path}, or mount it "
            "read-only"
        )
    if status.st_mode & stat.S_IWGRP and not _is_private(status.st_gid):
        raise UntrustedFile(
            f"{path} can be written by the group {status.st_gid}, which is not known "
            f"to be its owner's alone: chmod go-w {path}, or mount it read-only"
        )


def _check_owner(path: Path, owner: int) -> None:
    if owner not in _trusted():
        raise UntrustedFile(
            f"{path} belongs to user {owner}, who is neither root nor the user who "
            f"runs this ({os.geteuid()}): chown it, or mount it read-only"
        )


def _trusted() -> set[int]:
    return {0, os.geteuid(), Path(__file__).stat().st_uid}


def _is_private(group: int) -> bool:
    """Whether `group` is known to have members, and none but trusted users.

    Where each user has a group of their own, umask is 002, and all that git checks out
    can be written by that group.
    """
    users = pwd.getpwall()
    members = {user.pw_uid for user in users if user.pw_gid == group}
    try:
        names = grp.getgrgid(group).gr_mem
    except KeyError:
        return False
    uids = {user.pw_name: user.pw_uid for user in users}
    members |= {uids.get(name, -1) for name in names}
    return bool(members) and members <= _trusted()
