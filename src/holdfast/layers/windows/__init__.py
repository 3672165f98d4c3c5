"""Layer 2: ``history`` and ``statistic`` answer with slices of columns that are cached.

``cached`` is the portal with the cache in front of it, ``columns`` computes what is missing,
``cache`` keeps it between backtests, and ``partial_day`` computes the day so far in minute mode.
"""
