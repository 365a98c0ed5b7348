import pytest

from stack.system import AlreadyRunning, _locked


def test_a_second_system_does_not_take_the_folder_of_the_first(tmp_path):
    first = _locked(tmp_path / "demo")
    with pytest.raises(AlreadyRunning, match=r"another system runs in .*/demo"):
        _locked(tmp_path / "demo")
    first.close()
    _locked(tmp_path / "demo").close()
