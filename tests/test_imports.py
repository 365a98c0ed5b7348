"""The modules of a package import each other in one direction only."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {
    path.parent
    for folder in (ROOT, *ROOT.glob("*/"))
    for path in folder.glob("*/__init__.py")
    if folder.name not in {"build", "tests"} and not folder.name.startswith(".")
}


def imported(path, folder):
    """The names that a module imports, in full."""
    package = path.relative_to(folder).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def modules(package):
    """The files of a package, by the names of their modules."""
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        yield ".".join(parts).removesuffix(".__init__"), path


def test_every_package_is_looked_at():
    assert {
        "credit_analyzer",
        "loan_application_simulator",
        "model_dashboards",
        "model_monitor",
        "report",
        "stack",
        "webhook_receiver",
    } <= {package.name for package in PACKAGES}


@pytest.mark.parametrize("package", sorted(PACKAGES), ids=lambda path: path.name)
def test_imports_go_in_no_circle(package):
    files = dict(modules(package))
    graph = {
        name: {
            other
            for other in imported(path, package.parent)
            # A folder's own name is its __init__, which is run before what is in it.
            if other in files and not name.startswith(f"{other}.") and other != name
        }
        for name, path in files.items()
    }
    TopologicalSorter(graph).prepare()
