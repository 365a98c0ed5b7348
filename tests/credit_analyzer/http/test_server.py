import resource
import socket

import pytest
from credit_analyzer.http.server import (
    MAX_CONNECTIONS,
    OTHER_FILES,
    free_address,
    most_connections,
)

from stack.ports import free_port


@pytest.fixture
def allowed(monkeypatch):
    """Lets the system allow so many files; the limit that is then set, when it is."""
    set_to = []

    def allowed(soft, hard):
        monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
        monkeypatch.setattr(
            resource, "setrlimit", lambda _, limit: set_to.append(limit)
        )
        return set_to

    return allowed


@pytest.mark.parametrize("hard", [1_048_576, resource.RLIM_INFINITY])
def test_as_many_files_are_allowed_as_connections_need(allowed, hard):
    set_to = allowed(1_024, hard)
    assert most_connections() == MAX_CONNECTIONS
    assert set_to == [(MAX_CONNECTIONS + OTHER_FILES, hard)]


def test_there_are_no_more_connections_than_files(allowed):
    set_to = allowed(1_024, 4_096)
    assert most_connections() == 4_096 - OTHER_FILES
    assert set_to == [(4_096, 4_096)]


def test_a_system_that_allows_hardly_any_files_allows_a_connection(allowed):
    allowed(64, 64)
    assert most_connections() == 1


@pytest.fixture
def resolve(monkeypatch):
    """Makes a name that of some addresses."""

    def resolve(*addresses):
        found = [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, 0),
            )
            for address in addresses
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    return resolve


def test_of_a_name_of_several_replicas_the_own_address_is_taken(resolve):
    resolve("203.0.113.7", "127.0.0.1")  # RFC 5737: the first is of no machine
    assert free_address("replicas", free_port(0)) == "127.0.0.1"


@pytest.mark.parametrize("host", ["::1", "::", "127.0.0.1"])
def test_an_address_of_either_family_is_taken(host):
    assert free_address(host, free_port(0)) == host


def test_a_host_of_ipv6_only_is_listened_on(resolve):
    resolve("::1")
    assert free_address("six", free_port(0)) == "::1"


def test_a_port_that_is_taken_is_named_with_its_host():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"listen on 127.0.0.1:{port}: .*in use"):
            free_address("127.0.0.1", port)


def test_a_name_that_does_not_exist_is_named():
    with pytest.raises(OSError, match=r"cannot listen on nothing\.invalid:1: "):
        free_address("nothing.invalid", 1)
