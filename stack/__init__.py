"""The whole system as processes on this machine, as the demo and the tests run it."""
