"""A histogram that tells what share of values is in which range, and nothing exact."""

from collections.abc import Iterable

from prometheus_client import Histogram
from prometheus_client.samples import Sample


class Shares(Histogram):
    """A histogram without its sum.

    When one person applies between two scrapes, the sum has grown by her income. No
    rule and no panel needs it: they compare shares.
    """

    def _child_samples(self) -> Iterable[Sample]:
        return (s for s in super()._child_samples() if s.name != "_sum")
