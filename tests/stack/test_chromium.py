import pytest

from stack.downloads import chromium


@pytest.fixture
def install(tmp_path):
    """Puts scripts where Chromium would be, each ending with a status."""

    def install(path, status=0):
        script = tmp_path / path
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(f"#!/bin/sh\nexit {status}\n")
        script.chmod(0o755)
        return script

    return install


@pytest.mark.parametrize("name", chromium.NAMES)
def test_a_chromium_on_the_path_is_used_as_it_is(tmp_path, monkeypatch, install, name):
    script = install(f"path/{name}")
    monkeypatch.setenv("PATH", str(script.parent))
    assert chromium.find(tmp_path / "cache") == chromium.Chromium(script, {})


def test_one_that_does_not_run_is_passed_over(tmp_path, monkeypatch, install):
    install("path/chromium-browser", status=1)
    script = install("path/google-chrome")
    monkeypatch.setenv("PATH", str(script.parent))
    assert chromium.find(tmp_path / "cache").executable == script


def test_without_chromium_and_without_apt_the_message_says_what_to_install(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(chromium.ChromiumMissing, match="install it from your"):
        chromium.find(tmp_path / "cache")


def test_what_was_unpacked_before_is_used_again_with_its_libraries_and_fonts(
    tmp_path, monkeypatch, install
):
    script = install(f"cache/root/{chromium.UNPACKED}")
    library = install("cache/root/usr/lib/some-linux-gnu/libnss3.so.3")
    monkeypatch.setenv("PATH", "/nowhere")
    found = chromium.find(tmp_path / "cache")
    assert found.executable == script
    assert found.environment["LD_LIBRARY_PATH"] == str(library.parent)
    fonts = tmp_path / "cache" / "fonts.conf"
    assert found.environment["FONTCONFIG_FILE"] == str(fonts)
    assert f"<dir>{tmp_path}/cache/root/usr/share/fonts</dir>" in fonts.read_text()


def test_what_was_unpacked_and_does_not_run_is_named(tmp_path, monkeypatch, install):
    install(f"cache/root/{chromium.UNPACKED}", status=127)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(chromium.ChromiumMissing, match="does not run; remove"):
        chromium.find(tmp_path / "cache")


def test_what_the_driver_lacks_is_unpacked_once(tmp_path, monkeypatch, install):
    monkeypatch.setattr(chromium, "DRIVER_LIBRARY", "libnowhere.so.1")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(chromium.ChromiumMissing, match="libatomic is not here"):
        chromium.driver_environment(tmp_path / "cache")
    library = install("cache/driver/root/usr/lib/libnowhere.so.1")
    assert chromium.driver_environment(tmp_path / "cache") == {
        "LD_LIBRARY_PATH": str(library.parent)
    }


def test_a_driver_that_lacks_nothing_is_given_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(chromium, "DRIVER_LIBRARY", "libc.so.6")
    assert chromium.driver_environment(tmp_path / "cache") == {}


def test_a_distribution_without_chromium_is_named(tmp_path, monkeypatch, install):
    install("path/apt-get", status=100)
    path = install("path/dpkg-deb").parent
    monkeypatch.setenv("PATH", str(path))
    with pytest.raises(chromium.ChromiumMissing, match="apt-get cannot fetch it"):
        chromium.find(tmp_path / "cache")
