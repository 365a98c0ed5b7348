import pytest

from stack.lifetime import Started


class Recorded(Started):
    def __init__(self, error=None):
        self.error = error
        self.seen = []

    def start_all(self):
        self.seen.append("started")
        if self.error:
            raise self.error

    def stop(self):
        self.seen.append("stopped")


def test_it_is_started_within_and_stopped_after():
    with Recorded() as it:
        assert it.seen == ["started"]
    assert it.seen == ["started", "stopped"]


def test_it_is_stopped_whatever_happens_within():
    it = Recorded()
    with pytest.raises(KeyError), it:
        raise KeyError
    assert it.seen == ["started", "stopped"]


def test_what_cannot_start_wholly_is_stopped():
    it = Recorded(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        it.__enter__()
    assert it.seen == ["started", "stopped"]
