"""How soon the shipped rules find a shift, how often they are wrong, by simulation."""
