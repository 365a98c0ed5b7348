"""What floods and stalled clients do to the analyzer's decisions."""
