"""The modules of ``zipline.utils`` that strategies import from, under Zipline's names."""
