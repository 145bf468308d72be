"""Keyset pages: an opaque cursor, a limit."""

import base64
import binascii
from typing import Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.errors import InvalidInput
from models.fields import storable


class Query(BaseModel):
    """Base of query shapes: NUL never reaches the database. The schema is worked out once: the
    router asks at every request."""

    model_config = ConfigDict(extra="forbid")
    _schema: ClassVar[dict[str, Any]]

    @field_validator("*", mode="after")
    @classmethod
    def _askable(cls, value: object) -> object:
        if isinstance(value, str) and not storable(value):
            raise ValueError("含有无法搜索的字符")
        return value

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if args or kwargs:
            return super().model_json_schema(*args, **kwargs)
        if "_schema" not in cls.__dict__:
            cls._schema = super().model_json_schema()
        return cls._schema


class PageQuery(Query):
    cursor: str | None = Field(default=None, max_length=300, description="next_cursor of a page")
    limit: int = Field(default=50, ge=1, le=200)


def encode_cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def decode_cursor(cursor: str | None, size: int) -> list[Any] | None:
    """The values of a cursor.

    Raises:
        InvalidInput: not a cursor that this server made.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = orjson.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError):
        values = None
    if not isinstance(values, list) or len(values) != size:
        raise InvalidInput.at("/cursor", "翻页标识不对，请从第一页开始")
    return values


def number_cursor(cursor: str | None) -> int | None:
    values = decode_cursor(cursor, 1)
    if values is None:
        return None
    if type(values[0]) is not int or values[0] >= 2**63:
        raise InvalidInput.at("/cursor", "翻页标识不对，请从第一页开始")
    return values[0]
