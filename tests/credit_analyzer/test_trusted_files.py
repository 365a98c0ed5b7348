import grp
import os
import pwd
from types import SimpleNamespace

import pytest
from credit_analyzer import trusted_files
from credit_analyzer.model import ARTIFACTS
from credit_analyzer.trusted_files import UntrustedFile, read

STRANGER = 4321


@pytest.fixture
def folder(tmp_path):
    """A folder with a file in it, which no other user can write."""
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
def test_what_every_user_can_write_is_refused(folder, name):
    path = folder / name
    path.chmod(path.stat().st_mode | 0o002)
    with pytest.raises(
        UntrustedFile, match=rf"by every user: chmod go-w {path}, or mount"
    ):
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
    with pytest.raises(
        UntrustedFile, match=rf"by the group .*: chmod go-w {path}, or mount"
    ):
        read(folder, "file")


def test_a_group_that_is_anothers_first_is_not_private(folder, members):
    (folder / "file").chmod(0o664)
    members(first=[os.getuid(), STRANGER])
    with pytest.raises(UntrustedFile, match="by the group"):
        read(folder, "file")


def test_a_group_without_known_members_is_not_private(folder, members):
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


@pytest.fixture
def mounted(folder):
    """A folder as Kubernetes mounts a ConfigMap or a Secret: links to a link."""
    version = folder / "..2026_11_27"
    version.mkdir(mode=0o755)
    (folder / "file").rename(version / "file")
    (folder / "..data").symlink_to("..2026_11_27")
    (folder / "file").symlink_to("..data/file")
    return folder


def test_a_link_within_the_folder_is_followed(mounted):
    assert read(mounted, "file") == [b"content"]


def test_what_a_link_leads_to_is_checked(mounted):
    (mounted / "..2026_11_27" / "file").chmod(0o666)
    with pytest.raises(UntrustedFile, match="by every user"):
        read(mounted, "file")


def test_the_folders_on_the_way_of_a_link_are_checked(mounted):
    (mounted / "..2026_11_27").chmod(0o777)
    with pytest.raises(UntrustedFile, match=r"2026_11_27 can be written by every user"):
        read(mounted, "file")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a link away")
def test_a_link_of_a_stranger_is_refused(mounted):
    os.chown(mounted / "..data", STRANGER, -1, follow_symlinks=False)
    with pytest.raises(UntrustedFile, match="belongs to user"):
        read(mounted, "file")


@pytest.mark.parametrize(
    "target", ["../elsewhere", "/etc/hostname", "a/../../elsewhere"]
)
def test_a_link_that_leads_out_of_the_folder_is_refused(folder, target):
    (folder.parent / "elsewhere").write_bytes(b"other")
    (folder / "a").mkdir(mode=0o755)
    (folder / "link").symlink_to(target)
    with pytest.raises(UntrustedFile, match="leads out of"):
        read(folder, "link")


def test_links_in_a_circle_end(folder):
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    with pytest.raises(OSError, match=r"one|two"):
        read(folder, "one")


@pytest.fixture
def read_only(monkeypatch):
    """Every mount is read-only."""
    status = SimpleNamespace(f_flag=os.ST_RDONLY)
    monkeypatch.setattr(os, "fstatvfs", lambda _: status)


def test_on_a_read_only_mount_modes_and_owners_do_not_count(
    folder, read_only, give_away
):
    # A volume of Kubernetes may be open to every user, or to a group: fsGroup.
    (folder / "file").chmod(0o666)
    folder.chmod(0o1777)
    give_away(folder / "file")
    assert read(folder, "file") == [b"content"]


def test_a_folder_of_its_own_in_an_open_volume_is_trusted(tmp_path):
    # An emptyDir is open to every user; an init container makes a folder in it.
    tmp_path.chmod(0o1777)
    folder = tmp_path / "model"
    folder.mkdir(mode=0o755)
    (folder / "file").write_bytes(b"content")
    (folder / "file").chmod(0o644)
    assert read(folder, "file") == [b"content"]


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
