"""Programs that are no Python: found here, or fetched from Debian."""
