"""How far verdicts can be trusted on a machine."""
