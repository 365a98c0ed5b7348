import pytest

from stack import binaries


def executable(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_binaries_on_the_path_are_used(tmp_path, monkeypatch):
    for name in ("prometheus", "promtool", "prometheus-alertmanager", "amtool"):
        executable(tmp_path / "path" / name)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    folder = binaries.find(tmp_path / "cache")
    assert sorted(link.name for link in folder.iterdir()) == sorted(binaries.NAMES)
    assert (folder / "alertmanager").resolve().name == "prometheus-alertmanager"


def test_without_binaries_and_without_apt_the_message_says_what_to_install(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(binaries.BinariesMissing, match=r"install Prometheus \(2\.42"):
        binaries.find(tmp_path / "cache")


def test_what_was_unpacked_before_is_used_again(tmp_path, monkeypatch):
    for name in binaries.NAMES:
        executable(tmp_path / "cache" / "bin" / name)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binaries.find(tmp_path / "cache") == tmp_path / "cache" / "bin"
