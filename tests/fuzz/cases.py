"""Hypothesis' `given`, counting what held."""

from collections import Counter
from functools import wraps

from hypothesis import given

HELD = Counter()


def cases(**strategies):
    """Runs a test with cases of `strategies`, and counts those that hold."""

    def decorate(test):
        return given(**strategies)(counted(test))

    return decorate


def counted(test):
    """`test`, counted under its name each time that it holds."""

    @wraps(test)
    def counting(*arguments, **options):
        test(*arguments, **options)
        HELD[test.__name__] += 1

    return counting
