"""The shape of every refusal (RFC 9457)."""

from pydantic import BaseModel, ConfigDict


class Fault(BaseModel):
    """`pointer` is a JSON pointer (RFC 6901) to the field."""

    pointer: str
    message: str


class ProblemOut(BaseModel):
    """Some types have members of their own beside these."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault]
    request_id: str
