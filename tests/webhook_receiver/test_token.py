import os

import pytest
from webhook_receiver import token


@pytest.fixture
def file(tmp_path):
    return tmp_path / "token"


def test_each_line_is_a_token_so_that_the_next_one_is_known_before_it_is_shown(file):
    file.write_text("old\nnew\n")
    assert token.admits(file, "Bearer old")
    assert token.admits(file, "Bearer new")
    for wrong in ("Bearer old\nnew", "Bearer oldnew", "Bearer ", "Bearer", "old"):
        assert not token.admits(file, wrong)


def test_a_token_is_long_and_only_its_owner_and_group_can_read_it(file):
    token.make(file)
    assert len(file.read_text()) >= 43  # 256 bits
    assert file.stat().st_mode & 0o777 == 0o440
    assert list(file.parent.iterdir()) == [file]


def test_a_token_is_only_replaced_when_asked_to(file):
    token.make(file)
    first = file.read_text()
    token.make(file)
    assert file.read_text() == first
    token.make(file, replace=True)
    assert file.read_text() != first
    assert file.stat().st_mode & 0o777 == 0o440


def test_whoever_reads_while_it_is_replaced_reads_the_old_or_the_new_one(file):
    token.make(file)
    before = file.open()
    token.make(file, replace=True)
    with before:
        assert len(before.read()) >= 43


def test_a_token_that_anybody_can_read_is_said_and_one_to_write_is_refused(file):
    assert token.exposed(file) == ""
    file.write_text("secret")
    for mode, word in ((0o640, ""), (0o644, "read")):
        file.chmod(mode)
        assert word in token.exposed(file)
        assert bool(word) == bool(token.exposed(file))
    file.chmod(0o646)
    with pytest.raises(OSError, match=f"anybody on this machine can write {file}"):
        token.exposed(file)


def test_a_token_whose_folder_is_gone_lets_nobody_in(file):
    assert not token.admits(file / "token", "Bearer ")
    assert not token.admits(file, "Bearer " + os.sep)
