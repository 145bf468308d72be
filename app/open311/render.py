"""One content, two forms: GeoReport v2 has every answer in XML and in JSON."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import orjson
from flask import Response

ITEMS = {
    "discovery": "",
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
    "media_urls": "media_url",
    "attributes": "attribute",
    "values": "value",
    "service_request_updates": "request_update",
}
"""What the items of a list are called in XML, by the name of the list."""
JSON, XML = "application/json; charset=utf-8", "text/xml; charset=utf-8"


def answer(form: str, root: str, content: Any, status: int = 200) -> Response:
    """A list stands at the top in JSON, and below the root's name in XML."""
    if form == "json":
        return Response(orjson.dumps(content), status, content_type=JSON)
    top = Element(root)
    _fill(top, root, content)
    body = tostring(top, encoding="unicode")
    return Response(
        f'<?xml version="1.0" encoding="utf-8"?>\n{body}'.encode(), status, content_type=XML
    )


def error(form: str, status: int, description: str) -> Response:
    """The standard's form of a refusal."""
    content = [{"code": str(status), "description": description}]
    return answer(form, "errors", content, status)


def _fill(parent: Element, name: str, value: Any) -> None:
    if isinstance(value, Mapping):
        for key, one in value.items():
            _fill(SubElement(parent, key), key, one)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            _fill(SubElement(parent, ITEMS[name]), ITEMS[name], one)
    elif isinstance(value, bool):
        parent.text = "true" if value else "false"
    elif value is not None:
        parent.text = _allowed(str(value))


def _allowed(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or c >= " ")
