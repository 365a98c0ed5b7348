"""The flood sends again what was refused, whatever way."""

import asyncio
from contextlib import suppress

from benchmarks.flood.sending import flood

REFUSED = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nfull"
STORED = b"HTTP/1.1 204 No Content\r\n\r\n"


async def against(answers):
    """What was sent to a server that gives these answers, then closes connections."""
    answers, bodies = iter(answers), []

    async def serve(reader, writer):
        with suppress(asyncio.IncompleteReadError):  # the sender is done
            answer = STORED
            while answer:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = head.split("content-length: ")[1].split()[0]
                bodies.append(await reader.readexactly(int(length)))
                answer = next(answers)
                writer.write(answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        address = server.sockets[0].getsockname()
        sent = await flood(address, "token", rate=1_000, count=2, connections=1)
    return sent, bodies


def test_what_is_refused_is_sent_again_until_it_is_stored():
    sent, bodies = asyncio.run(against([REFUSED, STORED, b"", STORED]))
    assert (sent.refused, sent.broken, len(sent.seconds)) == (1, 1, 2)
    first, second = bodies[0], bodies[2]
    assert bodies == [first, first, second, second]
    assert first != second
