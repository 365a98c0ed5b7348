from loan_application_simulator.scenarios import SCENARIOS
from loan_application_simulator.sender import Sent
from loan_application_simulator.summary import Summary


def lines(summary):
    return {line.split()[0]: line.split()[1:] for line in str(summary).splitlines()}


def test_each_phase_has_its_counts_mix_and_waiting_times():
    summary = Summary(["calm", "storm"])
    for wait in range(100):
        summary.add(Sent("calm", "decided", "APPROVED", wait / 1000))
    summary.add(Sent("storm", "refused", None, 0.001))
    summary.add(Sent("storm", "failed", None, 5.0))
    summary.add(Sent("storm", "unsent", None, 0.0))
    found = lines(summary)
    assert found["calm"] == (["100", "0", "0", "0", "100.0", "%", "49.5", "98.0"])
    assert found["storm"][:4] == ["0", "1", "1", "1"]
    assert found["all"][:4] == ["100", "1", "1", "1"]


def test_the_storyline_fits_80_columns():
    summary = Summary([phase.name for phase in SCENARIOS["storyline"].phases])
    for decision in ("APPROVED", "DENIED", "ANALYST"):
        summary.add(Sent("hard-times", "decided", decision, 1.2345))
    assert all(len(line) <= 80 for line in str(summary).splitlines())


def test_a_phase_without_answers_has_no_waiting_times():
    assert lines(Summary(["calm"]))["calm"][-2:] == ["nan", "nan"]


def test_the_mix_so_far_is_one_line():
    summary = Summary(["calm"])
    for decision in ("APPROVED", "DENIED", "DENIED", "ANALYST"):
        summary.add(Sent("calm", "decided", decision, 0.001))
    assert summary.mix() == "ANALYST 25 % APPROVED 25 % DENIED 50 %"


def test_each_decision_that_was_seen_has_a_column():
    summary = Summary(["calm"])
    for decision in ("BLOCK", "PASS", "PASS", "PASS"):
        summary.add(Sent("calm", "decided", decision, 0.001))
    found = lines(summary)
    assert found["phase"][4:6] == ["block", "pass"]
    assert found["calm"][4:8] == ["25.0", "%", "75.0", "%"]
