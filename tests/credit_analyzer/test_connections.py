import resource

import pytest
from credit_analyzer.connections import MAX_CONNECTIONS, OTHER_FILES, most_connections


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
