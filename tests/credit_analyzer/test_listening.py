import socket

import pytest
from credit_analyzer.listening import free_address

from stack.ports import free_port


@pytest.fixture
def replicas(monkeypatch):
    """A name that is that of two replicas, the second of which is this one."""
    addresses = ["203.0.113.7", "127.0.0.1"]  # RFC 5737: nobody's
    name = ("replicas", [], addresses)
    monkeypatch.setattr(socket, "gethostbyname_ex", lambda _: name)
    return "replicas"


def test_of_a_name_of_several_replicas_the_own_address_is_taken(replicas):
    assert free_address(replicas, free_port(0)) == "127.0.0.1"


def test_a_port_that_is_taken_is_named_with_its_host(replicas):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"listen on replicas:{port}: .*in use"):
            free_address(replicas, port)


def test_a_name_that_nobody_knows_is_named():
    with pytest.raises(OSError, match=r"cannot listen on nobody\.invalid:1: "):
        free_address("nobody.invalid", 1)
