"""The study's decision logic is that of the rules."""

import subprocess

import pytest
import yaml

from benchmarks.detection.agreement import write_case


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    case = tmp_path_factory.mktemp("agreement") / "agreement.test.yml"
    write_case(case, seed=7, shift="incomes x 0.7")
    return case


def test_numpy_and_promtool_come_to_the_same_figures(monitoring_binaries, case):
    promtool = monitoring_binaries / "promtool"
    command = [promtool, "test", "rules", case]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[:2_000]


def test_what_is_compared_drifts_in_some_windows_and_not_in_others(case):
    [test] = yaml.safe_load(case.read_text())["tests"]
    verdicts = {
        sample["value"]
        for compared in test["promql_expr_test"]
        if "significant" in compared["expr"]
        for sample in compared["exp_samples"]
    }
    assert verdicts == {0.0, 1.0}
    # Four figures of six signals in five windows.
    assert len(test["promql_expr_test"]) >= 4 * 6 * 5
