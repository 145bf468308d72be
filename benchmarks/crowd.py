"""Requests to send: residents with sessions and photos of their own, and staff who read."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from app.services import area
from benchmarks import places
from benchmarks.load import request
from config import Settings
from models.db import connect, transaction
from models.likeness import SKETCH_BYTES, bands
from models.routing import Atlas

PER_ACCOUNT = 20
"""Reports that one resident may send in an hour: the limit stays as it is."""

_ACCOUNTS = """
    INSERT INTO account (display_name, openid)
    SELECT '市民', %(prefix)s || n FROM generate_series(1, %(count)s) n RETURNING id
"""
_SESSIONS = """
    INSERT INTO login_session (token_hash, account_id, created_at, used_at, idle_until, expires_at)
    SELECT sha256(convert_to(token, 'UTF8')), id, now(), now(),
           now() + interval '1 day', now() + interval '1 day'
    FROM unnest(%(tokens)s::text[], %(ids)s::bigint[]) given (token, id)
"""
_SOME_CASES = """
    SELECT number FROM "case" WHERE id IN (
        SELECT 1 + floor(random() * last)::bigint
        FROM (SELECT max(id) AS last FROM "case") newest, generate_series(1, %s))
"""
_PHOTO_COLUMNS = (
    *("id", "uploader_id", "uploaded_at", "sha256", "media_type", "width", "height", "size"),
    *("sketch", "likeness", "similar_to", "client_taken_at"),
    *("client_longitude", "client_latitude", "client_accuracy_m"),
    *("band0", "band1", "band2", "band3"),
)


@dataclass(frozen=True)
class Sent:
    """One report to send, as bytes on the wire and as its parts."""

    token: str
    body: dict[str, Any]
    key: str | None

    @property
    def headers(self) -> dict[str, str]:
        found = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return found if self.key is None else found | {"Idempotency-Key": self.key}

    @property
    def wire(self) -> bytes:
        body = json.dumps(self.body, ensure_ascii=False).encode()
        return request("POST", "/api/v1/reports", self.headers, body)


def atlas_of(settings: Settings) -> Atlas:
    """The district as the database has it."""
    engine = connect(settings.database_url, pool_size=1)
    with transaction(engine) as db:
        atlas = area.load(db, settings.policy)
    engine.dispose()
    return atlas


def sign_in(settings: Settings, count: int) -> list[tuple[int, str]]:
    """So many new residents, each with a session: account ids and tokens."""
    prefix = f"bench-{secrets.token_hex(6)}-"
    with psycopg.connect(settings.database_url) as db:
        rows = db.execute(_ACCOUNTS, {"prefix": prefix, "count": count}).fetchall()
        ids = [row[0] for row in rows]
        tokens = [f"{prefix}{account}" for account in ids]
        db.execute(_SESSIONS, {"tokens": tokens, "ids": ids})
    return list(zip(ids, tokens, strict=True))


def sign_in_staff(settings: Settings, username: str) -> str:
    """A token of a demo account."""
    token = secrets.token_urlsafe(16)
    with psycopg.connect(settings.database_url) as db:
        row = db.execute("SELECT id FROM account WHERE username = %s", [username]).fetchone()
        assert row is not None  # noqa: S101  (a demo database has it)
        db.execute(_SESSIONS, {"tokens": [token], "ids": [row[0]]})
    return token


def reports(settings: Settings, count: int, *, keyed: bool) -> list[Sent]:
    """Reports of residents, each with an uploaded photo that shows the place; PER_ACCOUNT each.

    Only the photos' rows are made: creating a case never opens the files.
    """
    atlas, random = atlas_of(settings), Random(secrets.token_hex(8))
    spots = places.sites(atlas, random, per_grid=10)
    people = sign_in(settings, -(-count // PER_ACCOUNT))
    statement = f"COPY photo ({', '.join(_PHOTO_COLUMNS)}) FROM STDIN"
    made = []
    with psycopg.connect(settings.database_url) as db, db.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for index in range(count):
                account, token = people[index // PER_ACCOUNT]
                site = random.choice(spots)
                row = _photo(account, site, random)
                copy.write_row(row)
                given = body(atlas, site, random) | {"photo_ids": [row[0]]}
                made.append(Sent(token, given, None))
        cursor.execute("ANALYZE account, login_session")
    if keyed:
        made = [Sent(one.token, one.body, secrets.token_urlsafe(12)) for one in made]
    return made


def _photo(account: int, site: places.Site, random: Random) -> tuple[Any, ...]:
    likeness, now = random.getrandbits(63), datetime.now(UTC)
    return (
        *(str(UUID(int=random.getrandbits(128), version=4)), account, now),
        *(random.randbytes(32), "image/jpeg", 4000, 3000, 2_500_000),
        *(random.randbytes(SKETCH_BYTES), likeness, [], now - timedelta(minutes=1)),
        *(site.point.longitude, site.point.latitude, 10.0),
        *bands(likeness),
    )


def body(atlas: Atlas, site: places.Site, random: Random) -> dict[str, Any]:
    """A resident's report near the site, of any category, without photos."""
    kind = random.choice([c for c in atlas.categories.values() if c.retired_at is None])
    where = site.near(random)
    return {
        "category": kind.code,
        "description": places.description(kind, random),
        "address": places.address(atlas, site.placement, random),
        "location": {
            "longitude": where.longitude,
            "latitude": where.latitude,
            "coord_type": "wgs84",
            "accuracy_m": 15,
        },
    }


def reads(token: str, paths: list[str], count: int) -> list[bytes]:
    """GET requests by one member of staff, the paths over and over."""
    ready = [request("GET", path, {"Authorization": f"Bearer {token}"}) for path in paths]
    return [ready[i % len(ready)] for i in range(count)]


def list_paths(atlas: Atlas) -> list[str]:
    """Lists of 50 by status and area: streets, communities and grids."""
    codes = [a.code for a in atlas.areas.values() if a.level in ("street", "community", "grid")]
    statuses = ("in_progress", "assigned", "closed", "resolved,in_progress", "submitted,verifying")
    return [
        f"/api/v1/cases?status={status}&area={code}&limit=50"
        for code in codes
        for status in statuses
    ]


def case_paths(settings: Settings, count: int) -> list[str]:
    """Single cases all over the table."""
    with psycopg.connect(settings.database_url) as db:
        numbers = db.execute(_SOME_CASES, [count]).fetchall()
    return [f"/api/v1/cases/{number}" for (number,) in numbers]
