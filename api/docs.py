"""The OpenAPI document, arranged for ``/v1/docs``: sections of operations, and the shapes they speak of."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from api.core.negotiation import VENDOR


@dataclass(frozen=True, slots=True)
class OperationText:
    """One operation, for reading."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    body: str
    answers: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class PageText:
    """The whole page."""

    title: str
    description: str
    sections: dict[str, list[OperationText]]
    schemas: list[tuple[str, str, str]]
    errors: list[tuple[str, str, str]]


def page(document: dict[str, Any]) -> PageText:
    """What ``/v1/docs`` shows of ``document``."""
    sections: dict[str, list[OperationText]] = defaultdict(list)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            sections[operation["tags"][0]].append(_operation(document, path, method, operation))
    components = document["components"]
    return PageText(
        document["info"]["title"],
        document["info"]["description"],
        dict(sections),
        [
            (
                name,
                schema.get("description", ""),
                _json({k: v for k, v in schema.items() if k != "description"}),
            )
            for name, schema in sorted(components["schemas"].items())
        ],
        [
            (name, example["summary"], _json(example["value"]))
            for name, example in components["examples"].items()
        ],
    )


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> OperationText:
    content = operation.get("requestBody", {}).get("content", {})
    return OperationText(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"].replace("`", ""),
        description=_beyond(operation["description"], operation["summary"]).replace("`", ""),
        parameters=[one for one in operation["parameters"] if one["in"] != "path"],
        body=next((_named(part["schema"]) for part in content.values()), ""),
        answers=list(_answers(document, operation)),
    )


def _beyond(description: str, summary: str) -> str:
    """The description, if it says more than the summary."""
    return "" if description == summary else description


def _answers(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for status, response in operation["responses"].items():
        name = response.get("$ref", "").rpartition("/")[2]
        found = document["components"]["responses"][name] if name else response
        schema = found.get("content", {}).get(VENDOR, {}).get("schema", {})
        one = schema.get("properties", {}).get("items", {}).get("items", schema)
        yield str(status), found["description"], _named(one)


def _named(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
