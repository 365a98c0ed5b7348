from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.request import urlopen

import pandas as pd
import pyarrow as pa
import pytest
from model_monitor import Card
from model_monitor.batch import count_rows, to_pushgateway, to_textfile
from prometheus_client.parser import text_string_to_metric_families

from tests.serving import serving

NO = {"decision": "NO"}


def value(text, name, **labels):
    """The value of the one sample that has these labels, among others."""
    [found] = [
        s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
        if s.name == name and labels.items() <= s.labels.items()
    ]
    return found


def pushed(address):
    with urlopen(f"{address}/metrics") as response:
        return response.read().decode()


def night(card, path, rows):
    with to_textfile(card, path, zero_seconds=0) as monitor:
        refused = count_rows(monitor, rows)
    return refused, path.read_text()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "things.prom"


@pytest.fixture
def rows(application):
    return [application | {"score": score} for score in (0.1, 0.5, 0.9, 0.95)]


@pytest.fixture
def pushgateway():
    """What a Pushgateway keeps: the last text that was put for each job."""
    kept = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            text = "".join(kept.values())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

        def do_PUT(self):
            job = self.path.rpartition("/")[2]
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            own = f'job="{job}",instance="",'
            kept[job] = body.replace("{", "{" + own)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with serving(HTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


def test_the_first_run_writes_zeros_before_it_counts(card, path, rows):
    with to_textfile(card, path, zero_seconds=0) as monitor:
        assert value(path.read_text(), "thing_decisions_total", **NO) == 0
        count_rows(monitor, rows)
    assert value(path.read_text(), "thing_decisions_total", **NO) == 1


def test_two_equal_nights_count_twice(card, path, rows):
    _, first = night(card, path, rows)
    _, second = night(card, path, rows)
    for name, labels in (
        ("thing_decisions_total", {"decision": "YES"}),
        ("thing_size_cm_bucket", {"le": "50.0"}),
        ("thing_decisions_by_colour_total", {"colour": "green", "decision": "YES"}),
        ("model_cells_total", {"signal": "weight", "kind": "all"}),
    ):
        assert value(first, name, **labels) in (2, 4)
        assert value(second, name, **labels) == 2 * value(first, name, **labels)


def test_refused_rows_are_counted_and_continue(card, path, rows):
    wrong = [rows[0] | {"colour": "pink"}, rows[0] | {"size": 0}]
    assert night(card, path, wrong)[0] == 2
    refused, text = night(card, path, wrong)
    assert refused == 2
    labels = {"field": "colour", "reason": "unknown_category"}
    assert value(text, "thing_refused_applications_total", **labels) == 2
    assert value(text, "model_cells_total", signal="validity", category="valid") == 0


def test_counting_began_with_the_first_run(card, path, rows):
    name = "model_counting_start_timestamp_seconds"
    _, first = night(card, path, rows)
    _, second = night(card, path, rows)
    assert value(first, name) == value(second, name)


def test_a_run_that_fails_counts_nothing(card, path, rows):
    _, before = night(card, path, rows)
    with pytest.raises(KeyError), to_textfile(card, path, 0) as monitor:
        count_rows(monitor, [*rows, {"no": "score"}])
    assert path.read_text() == before


def test_another_version_begins_at_zero(card, fields, path, rows):
    night(card, path, rows)
    fields["version"] = "2.0.0"
    with to_textfile(Card.from_fields(fields), path, 0):
        assert value(path.read_text(), "thing_decisions_total", **NO) == 0


def test_the_file_can_be_read_by_another_user(card, path, rows):
    night(card, path, rows)
    assert path.stat().st_mode & 0o777 == 0o644
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_data_frame_and_an_arrow_table_are_counted_alike(card, tmp_path, rows):
    rows[1]["weight"] = None
    del rows[2]["weight"]
    rows[3]["shape"] = None
    frame = pd.DataFrame(rows)
    expected = night(card, tmp_path / "rows.prom", rows)
    assert expected[0] == 0
    for name, table in (("frame", frame), ("arrow", pa.Table.from_pandas(frame))):
        refused, text = night(card, tmp_path / f"{name}.prom", table)
        assert refused == 0
        cells = [line for line in text.splitlines() if line.startswith("model_cells_t")]
        assert cells == [
            line
            for line in expected[1].splitlines()
            if line.startswith("model_cells_t")
        ]


def test_a_decision_of_the_job_s_own_is_counted(card, path, rows):
    for row in rows:
        row["verdict"] = "MAYBE"
    with to_textfile(card, path, 0) as monitor:
        count_rows(monitor, rows, decision="verdict")
    assert value(path.read_text(), "thing_decisions_total", decision="MAYBE") == 4


def test_a_pushgateway_is_read_back_and_continued(card, pushgateway, rows):
    for _ in range(2):
        with to_pushgateway(card, pushgateway, "nightly", zero_seconds=0) as monitor:
            count_rows(monitor, rows)
    text = pushed(pushgateway)
    assert value(text, "thing_decisions_total", job="nightly", **NO) == 2


def test_another_job_on_the_pushgateway_is_not_continued(card, pushgateway, rows):
    with to_pushgateway(card, pushgateway, "nightly", zero_seconds=0) as monitor:
        count_rows(monitor, rows)
    with to_pushgateway(card, pushgateway, "weekly", zero_seconds=0):
        pass
    text = pushed(pushgateway)
    assert value(text, "thing_decisions_total", job="nightly", **NO) == 1
    assert value(text, "thing_decisions_total", job="weekly", **NO) == 0


def test_a_pushgateway_that_does_not_answer_is_an_error(card):
    with (
        pytest.raises(OSError, match="refused"),
        to_pushgateway(card, "http://127.0.0.1:9", "job"),
    ):
        pass
