from dataclasses import replace

from report.charts import distributions
from report.charts.distributions import MAX_INTERVALS
from tests.report.charts.test_decision_mix import clean
from tests.report.conftest import START


def large(record):
    return distributions.large(record, record.models[0])


def test_bars_are_as_long_as_their_shares(record, income):
    moved = income(drifting=((START, START + 1),))
    [table] = large(record(signals=(moved,), alerts=()))
    assert table.title == "monthly income, brl"
    assert [line.name for line in table.lines] == list(moved.cells)
    bars = [line.observed[0] for line in table.lines]
    # The highest share of the table is as wide as its cell.
    assert [bar.width for bar in bars] == [40, 100, 60]
    assert [clean(bar.text) for bar in bars] == ["20 %", "50 %", "30 %"]
    assert [line.reference.width for line in table.lines] == [40, 100, 60]


def test_where_nothing_was_observed_there_is_no_bar(record, income):
    moved = income(drifting=((START, START + 1),))
    [table] = large(record(signals=(moved,), alerts=()))
    assert {line.observed[1] for line in table.lines} == {None}


def test_the_decisions_have_a_table_even_if_they_are_quiet(record, of_model, income):
    quiet = replace(of_model().signals[0], drifting=(), critical=())
    tables = large(record(signals=(quiet, income()), alerts=()))
    assert [table.name for table in tables] == ["decision"]


def test_a_quiet_signal_is_a_line_where_it_was_furthest_off(record):
    income, channel = distributions.small(record().models[0])
    assert (channel.title, channel.cell) == ("channel", "web")
    assert clean(channel.reference) == "80 %"
    assert [clean(text) for text in channel.observed] == ["79 %", "82 %"]
    assert income.title == "monthly income, brl"
    assert income.observed[1] == "–"


def test_a_quiet_signal_that_was_never_observed_is_a_line_too(record, signal):
    never = signal(observed=(None, None))
    [line] = distributions.small(record(signals=(never,), alerts=()).models[0])
    assert line.observed == ("–", "–")


def test_of_many_phases_the_first_are_shown(record, signal):
    many = signal(observed=((0.8, 0.2),) * 40)
    [line] = distributions.small(record(signals=(many,), alerts=()).models[0])
    assert len(line.observed) == MAX_INTERVALS
