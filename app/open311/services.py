"""GeoReport v2: discovery, and the services that may be asked for."""

from typing import Any

from flask import Response

from app.auth import Access, access, kit
from app.open311 import render
from app.open311.description import document
from app.open311.endpoint import FORMS, PRODUCTION, TEST, home, pages
from models.errors import NotFound

CHANGESET = "2026-11-25T00:00:00+08:00"
"""When services and endpoints last changed their form."""
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"


@pages.get(f"/discovery.{FORMS}")
@access(Access.ALL)
def discovery(form: str) -> Response:
    content = {
        "changeset": CHANGESET,
        "contact": f"{home()}/",
        "key_service": f"{home()}/",
        "max_requests": 1000,
        "endpoints": [_endpoint("production", PRODUCTION), _endpoint("test", TEST)],
    }
    return render.answer(form, "discovery", content)


def _endpoint(kind: str, base: str) -> dict[str, Any]:
    return {
        "specification": SPECIFICATION,
        "url": f"{home()}{base}",
        "changeset": CHANGESET,
        "type": kind,
        "formats": ["application/json", "text/xml"],
    }


@pages.get("/openapi.json")
@access(Access.ALL)
def openapi() -> Response:
    """These calls for programs: OpenAPI 3.1."""
    return render.answer("json", "openapi", document([f"{home()}{PRODUCTION}", f"{home()}{TEST}"]))


@pages.get(f"/services.{FORMS}")
@access(Access.ALL)
def services(form: str) -> Response:
    known = kit().atlas().categories.values()
    return render.answer(form, "services", [_service(one) for one in known if _offered(one)])


def _offered(category: Any) -> bool:
    return category.public and category.retired_at is None


def _service(category: Any) -> dict[str, Any]:
    return {
        "service_code": category.code,
        "service_name": category.name,
        "description": category.accept_when,
        "metadata": bool(category.fields),
        "type": "realtime",
        "keywords": ",".join(category.aliases),
        "group": category.group_name,
    }


@pages.get(f"/services/<code>.{FORMS}")
@access(Access.ALL)
def service(code: str, form: str) -> Response:
    category = kit().atlas().categories.get(code)
    if category is None or not _offered(category):
        raise NotFound("没有这个 service_code")
    attributes = [_attribute(order, field) for order, field in enumerate(category.fields, 1)]
    content = {"service_code": code, "attributes": attributes}
    return render.answer(form, "service_definition", content)


def _attribute(order: int, field: Any) -> dict[str, Any]:
    return {
        "variable": True,
        "code": field["code"],
        "datatype": field["datatype"],
        "required": field["required"],
        "datatype_description": field["hint"] or None,
        "order": order,
        "description": field["description"],
        "values": field["values"],
    }
