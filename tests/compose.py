"""The Compose files as Docker Compose reads them, for given variables."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docker-compose.yml"
# The innermost one: defaults may have variables in them.
VARIABLE = re.compile(r"\$\{(\w+)(?::([-+])([^${}]*))?\}")


def interpolated(text, variables):
    """`text` with ${NAME}, ${NAME:-default} and ${NAME:+if given} replaced.

    `tests/docker` compares this with Docker Compose itself.
    """

    def value(match):
        name, operator, other = match.groups()
        given = variables.get(name, "")
        if operator == "+":
            return other if given else ""
        return given or other or ""

    while VARIABLE.search(text):
        text = VARIABLE.sub(value, text)
    return text


def load(file=FILE, **variables):
    """The project of `file`, with these variables in the environment."""

    def filled(part):
        if isinstance(part, dict):
            return {key: filled(value) for key, value in part.items()}
        if isinstance(part, list):
            return [filled(value) for value in part]
        return interpolated(part, variables) if isinstance(part, str) else part

    return filled(yaml.safe_load(file.read_text()))


def dockerfile(service):
    """The Dockerfile of a service that is built here."""
    build = service["build"]
    if isinstance(build, str):
        return ROOT / build / "Dockerfile"
    return ROOT / build["context"] / build["dockerfile"]


def names(file=FILE):
    """The variables that `file` reads."""
    return set(re.findall(r"\$\{(\w+)", file.read_text()))


def published(project):
    """The port of this machine that leads to each service, as text."""
    return {
        name: service["ports"][0].split(":")[1]
        for name, service in project["services"].items()
        if "ports" in service
    }
