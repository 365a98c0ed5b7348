"""Sends loan applications to a credit analyzer, as a bank's customers would."""
