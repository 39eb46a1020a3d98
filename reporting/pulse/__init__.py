"""Reports for everybody, when something matters now."""
