"""The ways out of the machine: one module each, with a `send` that tells one message once."""
