"""Logs where a request failed, and no word of what was asked."""

import traceback
from types import TracebackType

from flask import Flask, request


class DiscreetFlask(Flask):
    """Flask, which would log what an exception says.

    What fails on an application may well quote it: a model that cannot take an income
    names it.
    """

    def log_exception(
        self,
        exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
    ) -> None:
        """Logs the kind of exception, the rule it happened at, and lines of code."""
        kind, _, where = exc_info
        name = kind.__qualname__ if kind else "nothing"
        lines = "".join(traceback.format_tb(where))
        self.logger.error("%s at %s\n%s", name, request.url_rule, lines.rstrip())
