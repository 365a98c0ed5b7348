"""Counts in prometheus-client's multiprocess mode.

    PROMETHEUS_MULTIPROC_DIR=folder python counting_process.py

Of each line, a JSON list of a folder, a card and lists of applications, each list is
counted by a process of its own, which puts its files into that folder.
"""

import json
import os
import sys
from contextlib import suppress

from model_monitor import Card, Monitor, Refused


def count(monitor, applications):
    """Counts applications, each with its score and decision."""
    for fields, score, decision in applications:
        with suppress(Refused):
            monitor.count(fields, score=score, decision=decision)


def main():
    for line in sys.stdin:
        folder, fields, *parts = json.loads(line)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        statuses = []
        for part in parts:
            child = os.fork()
            if not child:
                count(Monitor(Card.from_fields(fields)), part)
                os._exit(0)
            statuses.append(os.waitpid(child, 0)[1])
        print(json.dumps(statuses), flush=True)


if __name__ == "__main__":
    main()
