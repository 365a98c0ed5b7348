"""The log holds one JSON object a line, also after a kill."""

import pytest
from webhook_receiver.log import start_log


@pytest.mark.parametrize(
    ("former", "begun"),
    [
        ("", ""),
        ('{"event": "alert"}\n', '{"event": "alert"}\n'),
        ('{"event": "alert"}\n{"eve', '{"event": "alert"}\n{"eve\n'),
    ],
)
def test_half_a_line_is_ended_before_the_next(former, begun, tmp_path):
    log = tmp_path / "log"
    log.write_text(former)
    with log.open("a") as stream:
        start_log(stream)
    assert log.read_text() == begun
