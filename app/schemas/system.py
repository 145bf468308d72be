"""Shapes of what the running service says of itself."""

from typing import Literal

from pydantic import BaseModel


class AliveOut(BaseModel):
    status: Literal["ok"]


class PartsOut(BaseModel):
    database: Literal["ok", "down"]
    migrations: Literal["ok", "behind", "unknown"]
    photo_store: Literal["ok", "down"]
    broker: Literal["ok", "down"]


class ReadyOut(BaseModel):
    status: Literal["ok", "degraded"]
    parts: PartsOut
    warnings: list[str]


class UnreadyOut(BaseModel):
    status: Literal["unavailable"]
    down: list[str]
    parts: PartsOut
