"""Reads files that nobody but those who run the analyzer anyway can have written.

A model is code. Whoever can write its files can do whatever the analyzer can, so they
have to be as hard to write as the analyzer's own.
"""

import errno
import grp
import os
import pwd
import stat
from pathlib import Path


class UntrustedFile(Exception):
    """A file that a stranger can have written. The message names it and the fix."""


def read(folder: Path, *names: str) -> list[bytes]:
    """The content of the files `names` in `folder`.

    Folder and files must belong to root, to the user who runs this or to the owner of
    this program, and nobody else may be able to write them. What is checked is what is
    read: each is opened once, the files by way of the folder. `folder` may be a
    symbolic link; the files may not, as whoever can write their targets is not known.

    Raises `UntrustedFile`, and `OSError` for what cannot be opened.
    """
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _check(folder, os.fstat(directory))
        return [_read(folder / name, directory) for name in names]
    finally:
        os.close(directory)


def _read(path: Path, directory: int) -> bytes:
    try:
        # Without O_NONBLOCK, a pipe in the place of a file is waited for.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(path.name, flags, dir_fd=directory)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UntrustedFile(
                f"{path} is a symbolic link: name the folder that the file is in"
            ) from error
        raise OSError(error.errno, error.strerror, str(path)) from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UntrustedFile(f"{path} is not a file")
        _check(path, status)
        return file.read()


def _check(path: Path, status: os.stat_result) -> None:
    trusted = {0, os.geteuid(), Path(__file__).stat().st_uid}
    if status.st_uid not in trusted:
        raise UntrustedFile(
            f"{path} belongs to user {status.st_uid}, who is neither root nor the user "
            f"who runs this ({os.geteuid()}): chown it"
        )
    if status.st_mode & stat.S_IWOTH:
        raise UntrustedFile(f"{path} can be written by everybody: chmod go-w {path}")
    if status.st_mode & stat.S_IWGRP and not _is_private(status.st_gid, trusted):
        raise UntrustedFile(
            f"{path} can be written by the group {status.st_gid}, which is not known "
            f"to be its owner's alone: chmod go-w {path}"
        )


def _is_private(group: int, trusted: set[int]) -> bool:
    """Whether `group` is known to have members, and none but `trusted` users.

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
    return bool(members) and members <= trusted
