"""Layer 2: ``history`` and ``statistic`` answer with slices of columns that are cached.

``cached`` is the portal with the cache in front of it, ``columns`` computes what is missing,
``cache`` keeps it between backtests, and ``day_so_far`` holds the unfinished day of minute mode.
"""
