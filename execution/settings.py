"""What the environment says: credentials and overrides, from the process and the workspace's `.env`.

Values are secrets until shown otherwise: they are never printed, logged or put into an error.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from execution.errors import CredentialsError
from execution.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Environment:
    """Names and values; the process's own win over those of the `.env` file."""

    values: Mapping[str, str] = field(repr=False)

    def get(self, name: str) -> str | None:
        """The value, or None where it is unset or blank."""
        return self.values.get(name, "").strip() or None

    def resolve(self, reference: str) -> str:
        """What a directive's `env:NAME` stands for; any other text stands for itself.

        Raises CredentialsError, naming the variable, where it is not set.
        """
        if not reference.startswith("env:"):
            return reference
        name = reference.removeprefix("env:")
        value = self.get(name)
        if value is None:
            raise CredentialsError(f"{name} is not set", hint=f"put {name}=… into .env or the environment", code="E311")
        return value

    def base_url(self, source: str, declared: str) -> str:
        """Where `source` is reached: `GTM_<SOURCE>__BASE_URL` if set (a sandbox, a proxy), else as declared."""
        return (self.get(f"GTM_{source.upper().replace('-', '_')}__BASE_URL") or declared).rstrip("/")


def load_environment(workspace: Workspace, environ: Mapping[str, str] = os.environ) -> Environment:
    """The process's environment over the workspace's `.env`."""
    from dotenv import dotenv_values

    written = dotenv_values(workspace.env_file, interpolate=False) if workspace.env_file.is_file() else {}
    return Environment({**{k: v for k, v in written.items() if v is not None}, **environ})
