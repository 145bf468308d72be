"""OpenAPI 3.1 of the calls of GeoReport v2, written once here and checked against the answers."""

from typing import Any

Schema = dict[str, Any]
NAMES = {"type": "array", "items": {"type": "string"}}
TEXT: Schema = {"type": "string"}
MAYBE: Schema = {"type": ["string", "null"]}
MOMENT: Schema = {"type": "string", "format": "date-time"}
MAYBE_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
DATATYPES = ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]


def _object(properties: dict[str, Schema], *optional: str) -> Schema:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _list(name: str) -> Schema:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


_ENDPOINT = _object(
    {
        "specification": TEXT,
        "url": TEXT,
        "changeset": MOMENT,
        "type": {"enum": ["production", "test"]},
        "formats": NAMES,
    }
)
_VALUE = _object({"key": TEXT, "name": TEXT})
SCHEMAS: dict[str, Schema] = {
    "Error": _object({"code": TEXT, "description": TEXT}),
    "Discovery": _object(
        {
            "changeset": MOMENT,
            "contact": TEXT,
            "key_service": TEXT,
            "max_requests": {"type": "integer"},
            "endpoints": {"type": "array", "items": _ENDPOINT},
        }
    ),
    "Service": _object(
        {
            "service_code": TEXT,
            "service_name": TEXT,
            "description": TEXT,
            "metadata": {"type": "boolean"},
            "type": {"enum": ["realtime", "batch", "blackbox"]},
            "keywords": TEXT,
            "group": TEXT,
        }
    ),
    "ServiceDefinition": _object(
        {
            "service_code": TEXT,
            "attributes": {
                "type": "array",
                "items": _object(
                    {
                        "variable": {"type": "boolean"},
                        "code": TEXT,
                        "datatype": {"enum": DATATYPES},
                        "required": {"type": "boolean"},
                        "datatype_description": MAYBE,
                        "order": {"type": "integer", "minimum": 1},
                        "description": TEXT,
                        "values": {"type": "array", "items": _VALUE},
                    }
                ),
            },
        }
    ),
    "Request": _object(
        {
            "service_request_id": TEXT,
            "status": {"enum": ["open", "closed"]},
            "status_notes": TEXT,
            "service_name": TEXT,
            "service_code": MAYBE,
            "description": MAYBE,
            "agency_responsible": MAYBE,
            "service_notice": MAYBE,
            "requested_datetime": MOMENT,
            "updated_datetime": MOMENT,
            "expected_datetime": MAYBE_MOMENT,
            "address": MAYBE,
            "address_id": MAYBE,
            "zipcode": MAYBE,
            "lat": {"type": "number", "minimum": -90, "maximum": 90},
            "long": {"type": "number", "minimum": -180, "maximum": 180},
            "media_url": MAYBE,
            "extended_attributes": _object(
                {
                    "detailed_status": TEXT,
                    "grid": MAYBE,
                    "grid_name": MAYBE,
                    "unit": MAYBE,
                    "closed_datetime": MAYBE_MOMENT,
                    "media_urls": NAMES,
                }
            ),
        },
        "extended_attributes",
    ),
    "Made": _object({"service_request_id": TEXT, "service_notice": MAYBE, "account_id": MAYBE}),
    "Token": _object({"service_request_id": TEXT, "token": TEXT}),
    "Update": _object(
        {
            "update_id": TEXT,
            "service_request_id": TEXT,
            "status": TEXT,
            "updated_datetime": MOMENT,
            "description": TEXT,
            "media_url": MAYBE,
            "external_status_code": TEXT,
        }
    ),
    "Taken": _object({"update_id": TEXT}),
}
_FORM = {
    "name": "form",
    "in": "path",
    "required": True,
    "schema": {"enum": ["json", "xml"]},
    "description": "The answer's form; both have the same content.",
}
_WHOLE = {"type": "integer", "minimum": 1, "maximum": 1000}


def _query(name: str, description: str, schema: Schema = TEXT) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema}


_JURISDICTION = _query("jurisdiction_id", "The district, where it has a name.")
_WINDOW = [
    _query("start_date", "From this moment on.", MOMENT),
    _query("end_date", "Before this moment; at most 90 days after the first.", MOMENT),
]
_PAGES = [
    _query("page", "A page of the list, from 1.", _WHOLE),
    _query("page_size", "Entries of a page.", _WHOLE),
]
_SEARCH = [
    _query("service_request_id", "Numbers, by comma; all else is then ignored."),
    _query("service_code", "Services, by comma."),
    _query("status", "open, closed or both, by comma."),
    *_WINDOW,
    _query("updated_after", "Changed at or after this moment.", MOMENT),
    _query("updated_before", "Changed before this moment.", MOMENT),
    *_PAGES,
    _query("extensions", "true: extended_attributes as well.", {"enum": ["true", "false"]}),
]
_PICTURES = {
    "media_url": {"type": "array", "items": TEXT, "description": "Pictures to be fetched."},
    "media": {"type": "array", "items": {"type": "string", "format": "binary"}},
}
_REPORT: Schema = {
    "type": "object",
    "required": ["api_key", "service_code"],
    "properties": {
        "api_key": TEXT,
        "service_code": TEXT,
        "lat": {"type": "number"},
        "long": {"type": "number"},
        "address_id": {"type": "string", "description": "Code of an area, in place of lat, long."},
        "address_string": {"type": "string", "maxLength": 200},
        "description": {"type": "string", "maxLength": 4000},
        "first_name": TEXT,
        "last_name": TEXT,
        "phone": TEXT,
        "attribute[external_id]": {"type": "string", "description": "The sender's own number."},
        **_PICTURES,
    },
}
_CHANGE: Schema = {
    "type": "object",
    "required": ["api_key", "service_request_id", "update_id"],
    "properties": {
        "api_key": TEXT,
        "service_request_id": TEXT,
        "update_id": {"type": "string", "maxLength": 200, "description": "Sent twice it is one."},
        "status": TEXT,
        "description": {"type": "string", "maxLength": 4000},
        **_PICTURES,
    },
}


def _answer(schema: Schema, description: str) -> Schema:
    forms = {
        "application/json; charset=utf-8": {"schema": schema},
        "text/xml; charset=utf-8": {"schema": {"type": "string"}},
    }
    return {"description": description, "content": forms}


def _call(
    summary: str, schema: Schema, parameters: list[Schema], *, refusals: tuple[int, ...] = ()
) -> Schema:
    refused = _answer(_list("Error"), "Refused; the description says why.")
    return {
        "summary": summary,
        "parameters": [*parameters, _JURISDICTION],
        "responses": {
            "200": _answer(schema, summary),
            **{str(status): refused for status in (400, 404, *refusals)},
        },
    }


def _post(summary: str, schema: Schema, body: Schema) -> Schema:
    call = _call(summary, schema, [], refusals=(403, 409, 413, 429, 503))
    call["responses"]["201"] = call["responses"].pop("200")
    kinds = ("application/x-www-form-urlencoded", "multipart/form-data")
    content = {kind: {"schema": body} for kind in kinds}
    return call | {"requestBody": {"required": True, "content": content}}


def _path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": TEXT}


def document(servers: list[str]) -> dict[str, Any]:
    """The description, for these addresses: production and test."""
    one = {"$ref": "#/components/schemas/"}
    update = _call(
        "What became of requests, since yesterday unless dates are given",
        _list("Update"),
        [
            _query("api_key", "Reads the key's own reports; without one, public ones."),
            _query("service_request_id", "Only of these numbers, by comma."),
            *_WINDOW,
            *_PAGES,
        ],
        refusals=(403, 429),
    )
    paths: dict[str, Any] = {
        "/discovery.{form}": {
            "get": _call("Endpoints", {"$ref": f"{one['$ref']}Discovery"}, []),
        },
        "/services.{form}": {"get": _call("Services", _list("Service"), [])},
        "/services/{service_code}.{form}": {
            "parameters": [_path("service_code")],
            "get": _call("A service's attributes", {"$ref": f"{one['$ref']}ServiceDefinition"}, []),
        },
        "/requests.{form}": {
            "get": _call("Public requests, the newest first", _list("Request"), _SEARCH),
            "post": _post("Report", _list("Made"), _REPORT),
        },
        "/requests/{service_request_id}.{form}": {
            "parameters": [_path("service_request_id")],
            "get": _call("One public request", _list("Request"), [_SEARCH[-1]]),
        },
        "/tokens/{token}.{form}": {
            "parameters": [_path("token")],
            "get": _call("The number behind a token", _list("Token"), []),
        },
        "/servicerequestupdates.{form}": {
            "get": update,
            "post": _post("Send an update of one's own report", _list("Taken"), _CHANGE),
        },
    }
    for path in paths.values():
        path["parameters"] = [*path.get("parameters", []), _FORM]
    return {
        "openapi": "3.1.0",
        "info": {"title": "随手拍 Open311 GeoReport v2", "version": "2"},
        "servers": [{"url": url} for url in servers],
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }
