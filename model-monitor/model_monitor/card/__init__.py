"""The model card: its form, its parts, and the signals that follow from it."""

from .model_card import Card

__all__ = ["Card"]
