"""The strategies of the sweeps: the daily scenario with any two windows."""
