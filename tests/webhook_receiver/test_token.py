import os

import pytest
from webhook_receiver import token


@pytest.fixture
def file(tmp_path):
    return tmp_path / "token"


def test_each_line_is_a_token_so_that_a_new_one_is_accepted_before_it_is_used(file):
    file.write_text("old\nnew\n")
    assert token.is_valid(file, "Bearer old")
    assert token.is_valid(file, "Bearer new")
    for wrong in ("Bearer old\nnew", "Bearer oldnew", "Bearer ", "Bearer", "old"):
        assert not token.is_valid(file, wrong)


@pytest.mark.parametrize(
    "authorization",
    ["Bearer secret", "bearer secret", "BEARER  secret", "bEaReR secret "],
)
def test_the_scheme_is_case_insensitive(file, authorization):
    file.write_text("secret")
    assert token.is_valid(file, authorization)


@pytest.mark.parametrize(
    "authorization", ["Bearer SECRET", "Bearersecret", "Basic secret", "Bearer\tsecret"]
)
def test_the_token_and_the_rest_are_not(file, authorization):
    file.write_text("secret")
    assert not token.is_valid(file, authorization)


def test_a_token_is_long_and_only_its_owner_and_group_can_read_it(file):
    token.make(file)
    assert len(file.read_text()) >= 43  # 256 bits
    assert file.stat().st_mode & 0o777 == 0o440
    assert list(file.parent.iterdir()) == [file]


def test_a_token_is_only_replaced_on_request(file):
    token.make(file)
    first = file.read_text()
    token.make(file)
    assert file.read_text() == first
    token.make(file, replace=True)
    assert file.read_text() != first
    assert file.stat().st_mode & 0o777 == 0o440


def test_a_reader_sees_the_old_or_the_new_token_while_it_is_replaced(file):
    token.make(file)
    before = file.open()
    token.make(file, replace=True)
    with before:
        assert len(before.read()) >= 43


def test_a_readable_token_is_warned_of_and_a_writable_one_is_refused(file):
    assert token.permission_warning(file) == ""
    file.write_text("secret")
    for mode, word in ((0o640, ""), (0o644, "read")):
        file.chmod(mode)
        assert word in token.permission_warning(file)
        assert bool(word) == bool(token.permission_warning(file))
    file.chmod(0o646)
    with pytest.raises(OSError, match=f"every user of this machine can write {file}"):
        token.permission_warning(file)


def test_no_request_is_accepted_if_the_folder_is_missing(file):
    assert not token.is_valid(file / "token", "Bearer ")
    assert not token.is_valid(file, "Bearer " + os.sep)
