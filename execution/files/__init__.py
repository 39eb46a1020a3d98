"""Markdown files that people and gtm write together: markers, writing in one step, and harmless text from outside."""
