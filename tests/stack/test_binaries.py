import pytest

from stack.downloads import binaries


@pytest.fixture
def install(tmp_path):
    """Puts scripts that say a version where binaries would be."""

    def install(folder, *names, version="2.42.0"):
        folder = tmp_path / folder
        folder.mkdir(parents=True)
        for name in names:
            script = folder / name
            script.write_text(f"#!/bin/sh\necho prometheus, version {version}\n")
            script.chmod(0o755)
        return folder

    return install


def test_binaries_on_the_path_are_used(tmp_path, monkeypatch, install):
    names = ("prometheus", "promtool", "prometheus-alertmanager", "amtool")
    monkeypatch.setenv("PATH", str(install("path", *names)))
    folder = binaries.find(tmp_path / "cache")
    assert sorted(link.name for link in folder.iterdir()) == sorted(binaries.NAMES)
    assert (folder / "alertmanager").resolve().name == "prometheus-alertmanager"


@pytest.mark.parametrize(
    ("version", "is_new_enough"),
    [("2.31.2", False), ("2.41.9", False), ("2.42.0", True), ("3.5.3", True)],
)
def test_a_prometheus_that_is_too_old_is_named(
    tmp_path, monkeypatch, install, version, is_new_enough
):
    path = install("path", *binaries.NAMES, version=version)
    monkeypatch.setenv("PATH", str(path))
    if is_new_enough:
        binaries.find(tmp_path / "cache")
    else:
        with pytest.raises(binaries.BinariesMissing, match=r"2\.42 or newer"):
            binaries.find(tmp_path / "cache")


def test_without_binaries_and_without_apt_the_message_says_what_to_install(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(binaries.BinariesMissing, match=r"install Prometheus \(2\.42"):
        binaries.find(tmp_path / "cache")


def test_what_was_unpacked_before_is_used_again(tmp_path, monkeypatch, install):
    folder = install("cache/bin", *binaries.NAMES)
    monkeypatch.setenv("PATH", "/nowhere")
    assert binaries.find(tmp_path / "cache") == folder


def test_the_folder_of_links_may_itself_be_on_the_path(tmp_path, monkeypatch, install):
    path = install("path", *binaries.NAMES)
    monkeypatch.setenv("PATH", str(path))
    folder = binaries.find(tmp_path / "cache")
    monkeypatch.setenv("PATH", f"{folder}:{path}")
    binaries.find(tmp_path / "cache")
    assert (folder / "prometheus").resolve() == path / "prometheus"
