import threading

import pytest
from credit_analyzer.model import load
from loan_application_simulator import sender as module
from loan_application_simulator.applicants import Shift
from loan_application_simulator.client import AnalyzerUnavailable, Answer
from loan_application_simulator.scenarios import Phase, Scenario
from loan_application_simulator.sender import Sender
from model_monitor.reading import Reader

SCENARIO = Scenario(
    "s", "", (Phase("calm", 0.2), Phase("broken", 0.2, Shift(malformed=1.0)))
)


class FakeAnalyzer:
    """Gives a fixed answer, and remembers what it was sent."""

    def __init__(self, answer):
        self.answer = answer
        self.received = []

    def send(self, fields):
        self.received.append(fields)
        return self.answer


class StuckAnalyzer(FakeAnalyzer):
    """Answers nothing before it is released."""

    def __init__(self):
        super().__init__(Answer("decided", "DENIED"))
        self.released = threading.Event()

    def send(self, fields):
        self.released.wait(10)
        return super().send(fields)


def send(client, scenario=SCENARIO, rate=100, seed=1, **options):
    phases, sent = [], []
    sender = Sender(client, on_phase=phases.append, on_sent=sent.append, **options)
    sender.send(scenario, rate, seed)
    return phases, sent


def test_every_application_is_sent_and_reported():
    analyzer = FakeAnalyzer(Answer("decided", "DENIED"))
    phases, sent = send(analyzer)
    assert [phase.name for phase in phases] == ["calm", "broken"]
    assert len(analyzer.received) == len(sent) == 40
    assert {(s.outcome, s.decision) for s in sent} == {("decided", "DENIED")}


def test_only_the_broken_phase_sends_what_is_no_application():
    analyzer = FakeAnalyzer(Answer("decided", "DENIED"))
    send(analyzer)

    read = Reader(load().card).read
    assert [read(fields) for fields in analyzer.received].count(None) == 20


def test_applicants_may_be_few_and_far_between():
    scenario = Scenario("s", "", (Phase("quiet", 0.2),))
    _, sent = send(
        FakeAnalyzer(Answer("decided", "DENIED")), scenario, 20, give_up_seconds=0.01
    )
    assert len(sent) == 4


def test_the_same_seed_sends_the_same_applications():
    first, second = (FakeAnalyzer(Answer("decided", "DENIED")) for _ in range(2))
    send(first)
    send(second)
    assert sorted(map(str, first.received)) == sorted(map(str, second.received))


def test_a_slow_analyzer_does_not_slow_the_applicants():
    analyzer = StuckAnalyzer()
    # Long after the last of the 200 is due, on a busy machine too.
    timer = threading.Timer(2.0, analyzer.released.set)
    timer.start()
    _, sent = send(analyzer, Scenario("s", "", (Phase("rush", 0.2),)), rate=1_000)
    timer.join()
    outcomes = [s.outcome for s in sent]
    assert outcomes.count("decided") == module.MAX_IN_FLIGHT
    assert outcomes.count("unsent") == 200 - module.MAX_IN_FLIGHT
    waited = [s.seconds for s in sent if s.outcome == "decided"]
    assert min(waited) > 0.05


def test_an_analyzer_that_answers_nothing_ends_the_run():
    with pytest.raises(AnalyzerUnavailable, match="answered nothing"):
        send(FakeAnalyzer(Answer("failed")), give_up_seconds=0.1)


def test_a_failure_now_and_then_does_not_end_the_run():
    class Flaky(FakeAnalyzer):
        def send(self, fields):
            super().send(fields)
            return Answer("failed" if len(self.received) % 2 else "refused")

    # Twice as long as it would wait for the first answer.
    scenario = Scenario("s", "", (Phase("flaky", 2.0),))
    _, sent = send(Flaky(None), scenario, rate=50, give_up_seconds=1.0)
    assert {s.outcome for s in sent} == {"failed", "refused"}
