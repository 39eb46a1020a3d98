"""Actions: what is done about an alert, to whom it goes, when, and that it is done once."""
