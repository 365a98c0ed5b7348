import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from stack.downloads import debian

# Knows of a browser, which needs a library; fails until `update` if it is asked to.
APT_GET = """\
#!/bin/sh
echo "$@" >> {calls}
case "$*" in
  *update*) rm -f {stale}; exit ;;
esac
[ ! -e {stale} ] || exit 100
case "$*" in
  *--simulate*)
    echo "Inst library (1.0 Debian:12/oldstable [amd64])"
    echo "Inst browser (2.0 Debian:12/oldstable [amd64])"
    echo "Conf library (1.0 Debian:12/oldstable [amd64])" ;;
  *download*)
    while [ "$1" != download ]; do shift; done
    shift
    for package; do
      case $package in no-*) exit 100 ;; esac
      echo > "$package.deb"
    done ;;
esac
"""
# Names those that it knows. It fails, as it does if it does not know all.
APT_CACHE = """\
#!/bin/sh
for package; do
  case $package in
    *page|font) printf 'Package: %s\\nVersion: 1\\n\\n' "$package" ;;
  esac
done | grep -v no-
exit 100
"""
DPKG_DEB = """\
#!/bin/sh
mkdir -p "$3/usr" && cp "$2" "$3/usr/"
"""


@pytest.fixture
def stale(tmp_path):
    """Whether the system's package lists are too old: whether this file exists."""
    return tmp_path / "stale"


@pytest.fixture
def calls(tmp_path, monkeypatch, stale):
    """A system with packages; what apt-get was asked for."""
    folder = tmp_path / "path"
    folder.mkdir()
    said = tmp_path / "calls"
    apt_get = APT_GET.format(calls=said, stale=stale)
    programs = {"apt-get": apt_get, "apt-cache": APT_CACHE, "dpkg-deb": DPKG_DEB}
    for name, text in programs.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return lambda: said.read_text().splitlines()


def unpacked(root):
    return sorted(file.stem for file in (root / "usr").iterdir())


def test_packages_are_unpacked_and_what_they_depend_on_if_it_is_wanted(tmp_path, calls):
    assert unpacked(debian.unpack(tmp_path / "a", ["browser"])) == ["browser"]
    root = debian.unpack(tmp_path / "b", ["browser", "font"], with_dependencies=True)
    assert root == tmp_path / "b" / "root"
    # The font is installed already, and unpacked all the same: it was asked for.
    assert unpacked(root) == ["browser", "font", "library"]


def test_extras_that_are_not_to_be_had_are_left_out(tmp_path, calls):
    extras = ["no-such-page", "font", "page"]
    root = debian.unpack(tmp_path / "cache", ["browser"], extras)
    assert unpacked(root) == ["browser", "font", "page"]
    # All at once: each question to apt takes more than a second.
    assert calls()[1:] == ["--quiet download font page"]


def test_a_package_that_is_not_to_be_had_is_an_error(tmp_path, calls):
    with pytest.raises(subprocess.CalledProcessError):
        debian.unpack(tmp_path / "cache", ["no-such-browser"])
    assert not (tmp_path / "cache" / "root").exists()


def test_without_lists_that_are_new_lists_of_its_own_are_made(tmp_path, calls, stale):
    stale.touch()
    root = debian.unpack(tmp_path / "cache", ["browser"], with_dependencies=True)
    assert unpacked(root) == ["browser", "library"]
    lists = f"Dir::State::Lists={tmp_path / 'cache' / 'lists'}"
    assert [lists in call for call in calls()] == [False, True, True, True]


def test_a_cache_is_filled_by_one_process_at_a_time(tmp_path, calls):
    cache = tmp_path / "folder" / "cache"
    done = []

    def fill(name):
        with debian.alone(cache):
            if not (cache / "root").exists():
                debian.unpack(cache, [name])
            done.append(unpacked(cache / "root"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fill, [f"browser-{i}" for i in range(8)]))
    assert len(calls()) == 1
    assert len(done) == 8
    assert all(packages == done[0] for packages in done)


def test_nothing_is_left_of_what_was_unpacked_before(tmp_path, calls):
    debian.unpack(tmp_path / "cache", ["old"])
    assert unpacked(debian.unpack(tmp_path / "cache", ["new"])) == ["new"]


def test_a_moved_binary_reads_what_was_unpacked_beside_it(tmp_path):
    folder = "/usr/share/prometheus/web"
    shared = tmp_path / folder.lstrip("/")
    shared.mkdir(parents=True)
    (shared / "page").write_text("the page")
    binary = tmp_path / "server"
    binary.write_text(f'#!/bin/sh\ncat {folder}/page; echo " $1"\n')
    binary.chmod(0o755)
    debian.relocate(tmp_path, binary, folder)
    said = subprocess.run([binary, "and more"], capture_output=True, text=True)
    assert said.stdout == "the page and more\n"
