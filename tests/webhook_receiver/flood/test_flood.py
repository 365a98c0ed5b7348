"""More than the receiver will ever see."""

import asyncio
import time

import pytest

from stack.ports import HOST
from stack.process import local

from .flood_sending import flood, notification
from .flood_serving import TOKEN, receiver

pytestmark = pytest.mark.slow

MANY = 10_000


@pytest.fixture
def running(tmp_path):
    with receiver(tmp_path / "flood") as running:
        yield running


def test_ten_thousand_alerts_in_one_notification_are_stored(running):
    before, start = running.peak(), time.monotonic()
    response = local().post(
        f"http://{HOST}:{running.port}/notifications",
        data=notification([f"{i:016d}" for i in range(MANY)]),
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=60,
    )
    assert response.status_code == 204
    assert running.stored() == MANY
    # 12.6 MB of JSON. It takes about a second and 80 MB on an idle machine.
    assert time.monotonic() - start < 20
    assert running.peak() - before < 200


def test_what_comes_faster_than_it_is_served_waits_and_is_not_lost(running):
    address = (HOST, running.port)
    sent = asyncio.run(flood(address, TOKEN, rate=5_000, count=500, connections=64))
    assert len(sent.seconds) == running.stored() == 500
    assert running.peak() < 100
