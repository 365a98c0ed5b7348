"""The shapes of the page's charts: positions and paths, in percent of a plot."""
