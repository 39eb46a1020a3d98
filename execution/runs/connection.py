"""Which credentials a source needs, or files, or a channel of alerts, and which of them are not there."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from execution.directives.model import Source
from execution.directives.model.routing import Channel
from execution.settings import Environment

_PREFIX = "env:"


def variables(source: Source) -> tuple[str, ...]:
    """The environment variables that the source's `api` names, in the order it names them."""
    return tuple(dict.fromkeys(_named(source.api.model_dump())))


def missing(source: Source, environment: Environment, root: Path) -> tuple[str, ...]:
    """Those of them that are not set; of a source that has files where none is there, where it looks for them. What
    people write of accounts begins with the accounts' own file: the first stream says where."""
    if source.files is not None:
        from execution.sync.whereabouts import has_files, looked_for

        if has_files(root, source):
            return ()
        streams = list(source.streams)
        wanted = streams if source.files.form is None else streams[:1]
        return tuple(dict.fromkeys(looked_for(source, name) for name in wanted))
    return tuple(name for name in variables(source) if environment.get(name) is None)


def unset(channel: Channel, environment: Environment) -> dict[str, str]:
    """The variables that a channel needs and that are not set, by the key that names each; none of one that is not
    enabled."""
    named = {key: name for key, value in channel.model_dump(by_alias=True).items() for name in _named(value)}
    return {key: name for key, name in named.items() if channel.enabled and environment.get(name) is None}


def _named(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(_PREFIX):
        yield value.removeprefix(_PREFIX)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _named(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _named(item)
