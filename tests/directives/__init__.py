"""Tests of the directives' language."""
