"""The read side of bundles: sessions, bars, adjustments and the portals over them."""
