"""Watches a deployed decision model with nothing but Prometheus."""

from .card import Card
from .card.refusals import Fault, Refused
from .errors import CardError
from .monitor import Monitor, Seen

__all__ = ["Card", "CardError", "Fault", "Monitor", "Refused", "Seen"]
