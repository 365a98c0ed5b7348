"""Where the seconds go between a change and the record of its first alert."""
