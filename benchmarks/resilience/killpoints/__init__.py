"""Kills the receiver at random moments, and looks what became of every alert."""
