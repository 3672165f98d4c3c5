"""Random markets and strategies, run by Zipline and by Holdfast: whatever differs is a finding."""
