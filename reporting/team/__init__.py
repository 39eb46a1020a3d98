"""Reports for those who lead: the whole of a team's work, and what it comes to."""
