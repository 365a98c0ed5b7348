"""What is installed: pinned, with hashes, the same everywhere, and written down."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = sorted(file.parent.name for file in ROOT.glob("*/requirements.txt"))
IMAGES = sorted(file.parent.name for file in ROOT.glob("*/Dockerfile"))
INCLUDED = re.compile(r"^-r \.\./([\w-]+)/requirements\.in$", re.MULTILINE)
PIN = re.compile(r"^([a-z0-9-]+)==([^\s;]+)", re.MULTILINE)


def pins(part, kind="txt"):
    return dict(PIN.findall((ROOT / part / f"requirements.{kind}").read_text()))


def dockerfile(part):
    return (ROOT / part / "Dockerfile").read_text().splitlines()


@pytest.mark.parametrize("part", PARTS)
def test_everything_that_is_installed_is_pinned_with_hashes(part):
    text = (ROOT / part / "requirements.txt").read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"[a-z0-9-]+==\S+( ; [^#]+?)?( +--hash=sha256:\w{64})+$", line)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_asked_for_is_what_is_pinned(part):
    asked = pins(part, "in")
    for other in INCLUDED.findall((ROOT / part / "requirements.in").read_text()):
        asked |= pins(other, "in")
    assert asked.items() <= pins(part).items()


def test_what_is_not_pinned_itself_is_part_of_something_that_is():
    texts = [(ROOT / part / "requirements.in").read_text() for part in PARTS]
    included = set(INCLUDED.findall("\n".join(texts)))
    assert {f.parent.name for f in ROOT.glob("*/requirements.in")} <= {
        *PARTS,
        *included,
    }


@pytest.mark.parametrize("part", PARTS)
def test_a_package_has_the_same_version_everywhere(part):
    assert pins(part).items() <= pins("tests").items()


@pytest.mark.parametrize("part", PARTS)
def test_nothing_says_where_packages_come_from(part):
    for kind in ("in", "txt"):
        assert "://" not in (ROOT / part / f"requirements.{kind}").read_text()


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_installs_only_what_has_the_right_hash_and_is_not_root(image):
    lines = dockerfile(image)
    [install] = [line for line in lines if "pip install" in line]
    assert {"--require-hashes", "--no-cache-dir"} <= set(install.split())
    [user] = [line.split()[1] for line in lines if line.startswith("USER")]
    assert user == "65534:65534"
    # Installing is done by root, so the user is set after it.
    kinds = [line.split()[0] for line in lines if line]
    assert kinds.index("USER") == kinds.index("ENTRYPOINT") - 1


def test_every_pinned_package_is_in_the_bill_of_materials_of_its_image():
    subprocess.run(["make", "-j2", "sbom"], cwd=ROOT, check=True)  # noqa: S607
    for image in IMAGES:
        bom = json.loads((ROOT / "build" / "sbom" / f"{image}.json").read_text())
        listed = {part["name"]: part["version"] for part in bom["components"]}
        assert listed == pins(image)
        assert all(
            part["externalReferences"][0]["hashes"] for part in bom["components"]
        )
