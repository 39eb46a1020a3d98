"""Whether an answer is what a vendor's own API description allows.

Descriptions are not part of this repository: `GTM_VENDOR_SPECS` names the folder that has them. Where a description
is known to be wrong, `DEVIATIONS` says so, and what is done about it; nothing else is let through.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.datastructures import ImmutableMultiDict

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deviation:
    """Something a description gets wrong, why we think so, and how it is mended before validating (None: nothing to
    mend, the description merely does not know)."""

    spec: str
    what: str
    reason: str
    mend: Callable[[Node], None] | None = None


def _enum_is_a_list(spec: Node) -> None:
    message = spec["components"]["responses"]["UNAUTHENTICATED"]["content"]["application/json"]["schema"]["allOf"][1]
    message["properties"]["message"]["enum"] = [message["properties"]["message"]["enum"]]


def _values_may_be_null(spec: Node) -> None:
    for name in ("SimplePublicObject", "SimplePublicObjectWithAssociations"):
        spec["components"]["schemas"][name]["properties"]["properties"]["additionalProperties"]["nullable"] = True


def _errors_are_json(spec: Node) -> None:
    content = spec["components"]["responses"]["Error"]["content"]
    content["application/json"] = content.pop("*/*")


def _errors_stand_alone(spec: Node) -> None:
    for path in spec["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "default" in operation.get("responses", {}):
                operation["responses"]["default"] = {"$ref": "#/components/responses/Error"}


def _unlisted_429(spec: Node) -> None:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}
    for path in spec["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"]["429"] = {"description": "too many", "content": error}


def _contacts_without_email(spec: Node) -> None:
    for name in ("email", "email_domain"):
        spec["components"]["schemas"]["contact"]["properties"][name]["nullable"] = True


def _unlisted_errors(spec: Node) -> None:
    error = {"description": "no", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}}}
    for path in spec["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                for status in ("400", "401", "404", "429", "500"):
                    operation["responses"].setdefault(status, error)


def _labels_may_be_null(spec: Node) -> None:
    spec["components"]["schemas"]["AssociationSpecWithLabel"]["properties"]["label"]["nullable"] = True


def _sub_category_is_a_text(spec: Node) -> None:
    spec["components"]["schemas"]["StandardError"]["properties"]["subCategory"] = {"type": "string"}


HUBSPOT_OBJECT_SPECS = ("hubspot_contacts.json", "hubspot_companies.json", "hubspot_deals.json")
HUBSPOT_SPECS = (
    *HUBSPOT_OBJECT_SPECS,
    "hubspot_properties.json",
    "hubspot_owners.json",
    "hubspot_pipelines.json",
    "hubspot_associations_v4.json",
)

DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        "calendly.yaml",
        "the enum of the 401 message is a text",
        "an enum is a list; the one text is meant",
        _enum_is_a_list,
    ),
    Deviation(
        "calendly.yaml",
        "429 is not among the responses",
        "documented with X-RateLimit headers; the body is taken to be an ErrorResponse",
        _unlisted_429,
    ),
    Deviation(
        "calendly.yaml",
        "event_memberships have only `user`",
        "recorded answers of 2025 also have user_email, user_name and buffered times; unknown properties are allowed",
    ),
    Deviation(
        "calendly.yaml",
        "examples of next_page have the page's host or only count and token",
        "recorded answers have api.calendly.com and every parameter of the listing, in the alphabet's order",
    ),
    *(
        Deviation(
            spec,
            "values in `properties` are texts, never null",
            "unset properties come as null in every recorded answer",
            _values_may_be_null,
        )
        for spec in HUBSPOT_OBJECT_SPECS
    ),
    Deviation(
        "hubspot_associations_v4.json",
        "the label of an association is a text, never null",
        "associations without a label have null there",
        _labels_may_be_null,
    ),
    Deviation(
        "hubspot_associations_v4.json",
        "subCategory is an object",
        "it is a dotted name, such as crm.associations.NO_ASSOCIATIONS_FOUND",
        _sub_category_is_a_text,
    ),
    Deviation(
        "intercom_2.14.yaml",
        "a contact's email and its domain are never null",
        "leads may have none; later versions of the description say so",
        _contacts_without_email,
    ),
    Deviation(
        "intercom_2.14.yaml",
        "errors are declared for few operations",
        "every one answers with error.list, also where none is declared",
        _unlisted_errors,
    ),
    *(
        Deviation(spec, "errors are of type */*", "they are sent as application/json", _errors_are_json)
        for spec in HUBSPOT_SPECS
    ),
    *(
        Deviation(
            spec, "`default` has a description beside its $ref", "a $ref stands alone in 3.0", _errors_stand_alone
        )
        for spec in HUBSPOT_SPECS
    ),
)


def _nulls(node: Any) -> Any:  # noqa: ANN401 - any JSON
    """3.0's `nullable` as an alternative of its own. Beside enum, oneOf and $ref it has no effect under strict
    validators, though it is clearly meant."""
    if isinstance(node, list):
        return [_nulls(item) for item in node]
    if not isinstance(node, dict):
        return node
    mended = {key: _nulls(value) for key, value in node.items() if key != "nullable" or not isinstance(value, bool)}
    return {"anyOf": [{"type": "null"}, mended]} if node.get("nullable") is True else mended


class Description:
    """One vendor's description, mended."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        spec: Node = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=_Loader)  # noqa: S506
        for deviation in DEVIATIONS:
            if deviation.spec == path.name and deviation.mend is not None:
                deviation.mend(spec)
        for item in spec["paths"].values():
            for method, operation in item.items():
                if method == "get" and isinstance(operation, dict):
                    operation.pop("requestBody", None)
        self.spec: Node = {**_nulls(spec), "openapi": "3.1.0"}
        self._api = OpenAPI.from_dict(dict(self.spec.items()), config=Config(spec_validator_cls=None))

    def problems(self, method: str, url: str, status: int, body: bytes) -> list[str]:
        """What is wrong with an answer to this request, in the validator's words; `url` is the vendor's own."""
        parts = urlsplit(url)
        query = ImmutableMultiDict(parse_qsl(parts.query, keep_blank_values=True))
        origin = f"{parts.scheme}://{parts.netloc}"
        request = MockRequest(origin, method.lower(), parts.path, args=query, data=b"{}" if method == "POST" else None)
        try:
            self._api.validate_response(request, MockResponse(body, status_code=status))
        except OpenAPIError as error:
            return _told(error)
        return []

    def query_parameters(self, path: str) -> set[str]:
        """The names of the query parameters that GET `path` takes."""
        item = self.spec["paths"][path]
        declared = [*item.get("parameters", ()), *item["get"].get("parameters", ())]
        resolved = [self._resolved(parameter) for parameter in declared]
        return {parameter["name"] for parameter in resolved if parameter["in"] == "query"}

    def _resolved(self, node: Node) -> Mapping[str, Any]:
        while "$ref" in node:
            found: Any = self.spec
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node


class _Loader(yaml.CSafeLoader):
    """Times stay texts, as JSON has them."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _told(error: BaseException) -> list[str]:
    told = [str(error)]
    cause = error.__cause__
    while cause is not None:
        told.append(str(cause))
        found = getattr(cause, "schema_errors", ())
        told.extend(f"at {'/'.join(map(str, one.absolute_path))}: {one.message[:300]}" for one in found)
        cause = cause.__cause__
    return told


@cache
def description(name: str) -> Description:
    """The description in file `name`; the test is skipped where it is not to be had, saying what is missing."""
    folder = os.environ.get("GTM_VENDOR_SPECS")
    if not folder:
        pytest.skip("GTM_VENDOR_SPECS is not set: no vendor's API description to validate against")
    path = Path(folder) / name
    if not path.is_file():
        pytest.skip(f"{name} is missing in GTM_VENDOR_SPECS")
    return Description(path)
