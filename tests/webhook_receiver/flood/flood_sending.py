"""Sends notifications at a given rate, each again until it is answered 2xx."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

ALERTNAME = "Flood"
RETRY_SECONDS = 0.2


@dataclass(slots=True)
class Sent:
    """What was answered, in which time after it was due (seconds), and refused."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    broken: int = 0


def notification(fingerprints: list[str]) -> bytes:
    """A notification of alerts as large as those of the rules."""
    alerts = [
        {
            "status": "firing",
            "fingerprint": fingerprint,
            "startsAt": "2026-11-22T11:00:39.916Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "labels": {
                "alertname": ALERTNAME,
                "model": "credit-approval-tree",
                "model_version": "1.0.0",
                "severity": "critical",
                "signal": fingerprint,
            },
            "annotations": {
                "summary": "It drifts.",
                "description": "x" * 500,
                "runbook_url": "http://127.0.0.1:8080/runbook#creditdecisiondrift",
            },
            "generatorURL": "http://127.0.0.1:9090/graph?g0.expr=" + "x" * 300,
        }
        for fingerprint in fingerprints
    ]
    return json.dumps({"version": "4", "alerts": alerts}).encode()


async def flood(
    address: tuple[str, int], token: str, rate: float, count: int, connections: int
) -> Sent:
    """Sends `count` notifications of one alert, `rate` of them due each second.

    Each connection has one under way; those that are due wait for one. Fingerprints are
    the numbers from 0 on, of 16 digits.
    """
    sent, start = Sent(), time.monotonic()
    numbers = iter(range(count))
    await asyncio.gather(
        *(
            _send(address, token, numbers, lambda i: start + i / rate, sent)
            for _ in range(connections)
        )
    )
    return sent


async def _send(
    address: tuple[str, int],
    token: str,
    numbers: Iterator[int],
    due: Callable[[int], float],
    sent: Sent,
) -> None:
    connection: Connection | None = None
    for number in numbers:
        await asyncio.sleep(max(0.0, due(number) - time.monotonic()))
        request = _request(token, notification([f"{number:016d}"]))
        status = 0
        while status != 204:
            try:
                connection = connection or await asyncio.open_connection(*address)
                status = await _answer(connection, request)
            except (OSError, asyncio.IncompleteReadError):
                sent.broken += 1
                if connection:
                    connection[1].close()
                connection = None
            if status != 204:
                sent.refused += status != 0
                await asyncio.sleep(RETRY_SECONDS)
        sent.seconds.append(time.monotonic() - due(number))
    if connection:
        connection[1].close()


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _answer(connection: Connection, request: bytes) -> int:
    reader, writer = connection
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    status, *headers = head.split("\r\n")
    for header in headers:
        if header.startswith("content-length:"):
            await reader.readexactly(int(header.split(":")[1]))
    return int(status.split()[1])


def _request(token: str, body: bytes) -> bytes:
    return (
        "POST /notifications HTTP/1.1\r\nHost: receiver\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
