"""Files that people and gtm write together."""
