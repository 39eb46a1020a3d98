"""Sync: plan → fetch → land → decode → merge → project → unify, for every source its directives describe."""
