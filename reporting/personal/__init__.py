"""Reports of one person: what they did, what is theirs to do, and how that stands against their goals."""
