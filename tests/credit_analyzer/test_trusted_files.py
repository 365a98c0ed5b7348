import grp
import os
import pwd

import pytest
from credit_analyzer import trusted_files
from credit_analyzer.model import ARTIFACTS
from credit_analyzer.trusted_files import UntrustedFile, read

STRANGER = 4321


@pytest.fixture
def folder(tmp_path):
    """A folder with a file in it, which nobody else can write."""
    folder = tmp_path / "model"
    folder.mkdir(mode=0o755)
    (folder / "file").write_bytes(b"content")
    (folder / "file").chmod(0o644)
    return folder


@pytest.fixture
def members(monkeypatch):
    """Says who is in every group: by their first group, and by the group's list."""

    def members(*, first=(), listed=()):
        first_group = {uid: os.getgid() if uid in first else 99 for uid in users}
        names = [f"user{uid}" for uid in listed]
        entries = [
            pwd.struct_passwd((f"user{uid}", "x", uid, gid, "", "/", "sh"))
            for uid, gid in first_group.items()
        ]
        monkeypatch.setattr(pwd, "getpwall", lambda: entries)
        monkeypatch.setattr(
            grp, "getgrgid", lambda gid: grp.struct_group(("g", "x", gid, names))
        )

    users = (os.getuid(), STRANGER)
    return members


@pytest.fixture
def give_away(monkeypatch):
    """Makes a stranger the owner of a file."""

    def give_away(path):
        if os.getuid() == 0:
            os.chown(path, STRANGER, -1)
        else:
            monkeypatch.setattr(trusted_files, "__file__", "/")
            monkeypatch.setattr(os, "geteuid", lambda: STRANGER)

    return give_away


def test_what_only_its_owner_can_write_is_read(folder):
    assert read(folder, "file", "file") == [b"content", b"content"]


def test_the_shipped_model_is_read():
    assert len(read(ARTIFACTS, "model.json", "model.pkl")) == 2


@pytest.mark.parametrize("name", ["file", "."])
def test_what_everybody_can_write_is_refused(folder, name):
    path = folder / name
    path.chmod(path.stat().st_mode | 0o002)
    with pytest.raises(UntrustedFile, match=rf"by everybody: chmod go-w {path}$"):
        read(folder, "file")


@pytest.mark.parametrize("name", ["file", "."])
def test_what_belongs_to_a_stranger_is_refused(folder, name, give_away):
    give_away(folder / name)
    with pytest.raises(UntrustedFile, match="belongs to user"):
        read(folder, "file")


@pytest.mark.parametrize("name", ["file", "."])
def test_what_a_group_of_several_can_write_is_refused(folder, name, members):
    path = folder / name
    path.chmod(path.stat().st_mode | 0o020)
    members(first=[os.getuid()], listed=[STRANGER])
    with pytest.raises(UntrustedFile, match=rf"by the group .*: chmod go-w {path}$"):
        read(folder, "file")


def test_a_group_that_is_anothers_first_is_not_private(folder, members):
    (folder / "file").chmod(0o664)
    members(first=[os.getuid(), STRANGER])
    with pytest.raises(UntrustedFile, match="by the group"):
        read(folder, "file")


def test_a_group_of_which_nobody_is_known_is_not_private(folder, members):
    (folder / "file").chmod(0o664)
    members()
    with pytest.raises(UntrustedFile, match="by the group"):
        read(folder, "file")


def test_a_group_without_a_name_is_not_private(folder, members, monkeypatch):
    def unknown(gid):
        raise KeyError(gid)

    (folder / "file").chmod(0o664)
    members(first=[os.getuid()])
    monkeypatch.setattr(grp, "getgrgid", unknown)
    with pytest.raises(UntrustedFile, match="by the group"):
        read(folder, "file")


@pytest.mark.parametrize("listed", [[], [os.getuid()]])
def test_what_git_checks_out_under_umask_002_is_read(folder, members, listed):
    folder.chmod(0o775)
    (folder / "file").chmod(0o664)
    members(first=[os.getuid()], listed=listed)
    assert read(folder, "file") == [b"content"]


def test_a_link_to_a_file_is_refused(folder):
    (folder / "link").symlink_to("file")
    with pytest.raises(UntrustedFile, match="link is a symbolic link"):
        read(folder, "link")


def test_a_link_to_a_folder_is_followed(folder):
    (folder.parent / "current").symlink_to(folder)
    assert read(folder.parent / "current", "file") == [b"content"]


def test_a_pipe_is_refused_without_waiting(folder):
    os.mkfifo(folder / "pipe")
    with pytest.raises(UntrustedFile, match="pipe is not a file"):
        read(folder, "pipe")


def test_a_missing_file_is_named_with_its_folder(folder):
    with pytest.raises(FileNotFoundError, match=str(folder / "nothing")):
        read(folder, "nothing")
