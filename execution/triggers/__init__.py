"""Triggers: rules about rows, and the alerts that they open: pending, firing, acknowledged, snoozed, resolved."""
