"""What monitoring costs the analyzer, and how fast it is beside others."""
