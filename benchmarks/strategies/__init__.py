"""The scenarios' strategies: ``holdfast run benchmarks/strategies/daily.py`` runs them too."""
