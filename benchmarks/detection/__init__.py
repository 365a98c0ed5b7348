"""How often the drift rules are wrong, how soon they are right, and what others do.

    make detection

writes everything in `results/`: the tables, and two plots.
"""
