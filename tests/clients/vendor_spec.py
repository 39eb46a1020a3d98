"""Checks a request against a vendor's own API description (OpenAPI 3).

openapi-core checks the declared parameters and the body; that a query has no undeclared parameter is checked here.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest

FILES: Mapping[str, tuple[str, ...]] = {
    "calendly": ("calendly.yaml",),
    "hubspot": (
        "hubspot_contacts.json",
        "hubspot_companies.json",
        "hubspot_deals.json",
        "hubspot_owners.json",
        "hubspot_pipelines.json",
        "hubspot_associations_v4.json",
    ),
    "intercom": ("intercom_2.14.yaml",),
    "stripe": ("stripe_2023-08-16.json",),
}
"""The descriptions of each source, by the names they were saved under."""

ALIASES = {"/crm/v3/objects/0-3": "/crm/v3/objects/deals"}
"""Paths that a description gives by a number and everybody writes by name."""


class VendorSpec:
    """One description, ready to check requests."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text) if path.suffix == ".json" else yaml.load(text, _Loader)  # noqa: S506 - CSafeLoader
        self._document: dict[str, Any] = _checkable(document)
        self._document["paths"] = {_by_name(path): item for path, item in self._document["paths"].items()}
        self._api = OpenAPI.from_dict(_without_objects(self._document), config=Config(spec_validator_cls=None))

    def problems(self, request: httpx.Request) -> list[str]:
        """What the vendor would find wrong; nothing where all is well."""
        sent = MockRequest(
            f"{request.url.scheme}://{request.url.host}",
            request.method.lower(),
            request.url.path,
            args=dict(request.url.params),
            headers=dict(request.headers),
            data=request.content or None,
            content_type=request.headers.get("content-type", "application/json"),
        )
        try:
            self._api.validate_request(sent)
        except OpenAPIError as exc:
            return [_said(exc)]
        return [f"unknown query parameter {name}" for name in request.url.params if name not in self._known(request)]

    def _known(self, request: httpx.Request) -> set[str]:
        template = self.template(request)
        item = self._document["paths"][template]
        parameters = [*item.get("parameters", ()), *item[request.method.lower()].get("parameters", ())]
        queries = [parameter for parameter in map(self._resolved, parameters) if parameter["in"] == "query"]
        return {name for parameter in queries for name in _names(parameter)}

    def template(self, request: httpx.Request) -> str | None:
        """The described path that a request is for: the one with the fewest placeholders."""
        steps = request.url.path.split("/")
        fitting = [path for path in self._document["paths"] if _fits(path.split("/"), steps)]
        return min(fitting, key=lambda path: path.count("{"), default=None)

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in node:
            return node
        found: Any = self._document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return self._resolved(found)


class _Loader(yaml.CSafeLoader):
    """Dates stay text, as in JSON."""

    yaml_implicit_resolvers = {
        start: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for start, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def specs_of(source: str) -> Iterator[VendorSpec]:
    """The descriptions of a source's API. Skips the test, naming what is missing, where they are not at hand."""
    folder = os.environ.get("GTM_VENDOR_SPECS")
    if not folder:
        pytest.skip("GTM_VENDOR_SPECS does not say where the vendors' API descriptions are")
    for name in FILES.get(source, ()):
        path = Path(folder) / name
        if not path.is_file():
            pytest.skip(f"there is no {name} in GTM_VENDOR_SPECS")
        yield VendorSpec(path)


def _names(parameter: dict[str, Any]) -> list[str]:
    """What a parameter is called in a query; one that is an object goes as `name[key]`, a list of such as `name[]`."""
    name, schema = parameter["name"], parameter.get("schema", {})
    if parameter.get("style") != "deepObject":
        return [name]
    forms = [schema, *schema.get("anyOf", ())]
    return [f"{name}[{key}]" for form in forms for key in form.get("properties", ())] + [f"{name}[]"]


def _without_objects(node: Any) -> Any:  # noqa: ANN401 - JSON
    """The description without parameters that are objects, which openapi-core cannot read in more than one form."""
    if isinstance(node, dict):
        return {name: _without_objects(inner) for name, inner in node.items()}
    if isinstance(node, list):
        return [_without_objects(i) for i in node if not (isinstance(i, dict) and i.get("style") == "deepObject")]
    return node


def _by_name(path: str) -> str:
    number = next((number for number in ALIASES if path.startswith(number)), None)
    return path if number is None else ALIASES[number] + path.removeprefix(number)


def _fits(template: list[str], steps: list[str]) -> bool:
    return len(template) == len(steps) and all(
        part.startswith("{") or part == step for part, step in zip(template, steps, strict=True)
    )


def _checkable(node: Any) -> Any:  # noqa: ANN401 - JSON
    """A description as openapi-core can check by it: without `example: null`, which HubSpot writes beside types that
    are not nullable, and without security, of which it knows no OAuth (the tests of the credentials see to that)."""
    if isinstance(node, dict):
        return {
            name: _checkable(inner)
            for name, inner in node.items()
            if (name, inner) != ("example", None) and not (name == "security" and isinstance(inner, list))
        }
    return [_checkable(inner) for inner in node] if isinstance(node, list) else node


def _said(error: BaseException) -> str:
    parts = []
    cause: BaseException | None = error
    while cause is not None:
        details = [f"{'/'.join(map(str, each.path))}: {each.message}" for each in getattr(cause, "schema_errors", ())]
        parts += [f"{type(cause).__name__}: {cause}", *details]
        cause = cause.__cause__
    return "; ".join(parts)
