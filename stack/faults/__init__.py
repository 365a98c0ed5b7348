"""Faults that tests plant: a wrong clock, a cut connection."""
