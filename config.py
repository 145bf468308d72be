"""Settings: one frozen object, read from the environment once, loudly."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path

from models.policy import Policy


class Mode(StrEnum):
    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


class SettingsError(Exception):
    """A variable is missing or makes no sense; the message names it."""


DEMO_PUSH_KEY = "demoEncodingAESKey0000000000000000000000000"
_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
GEOCODERS = ("tencent", "tianditu", "nominatim")
_HTTP = ("https://", "http://")
_BEGINNINGS = {
    "database_url": ("postgresql://",),
    "redis_url": ("redis://", "rediss://", "unix://"),
    "photo_store": ("file:///", "s3://"),
}


def _doc(text: str, default: str | None = None) -> dict[str, str | None]:
    return {"doc": text, "default": default}


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, by the name of its environment variable in lower case."""

    database_url: str = field(metadata=_doc("PostgreSQL 15 or newer, as the application's role."))
    redis_url: str = field(metadata=_doc("Redis or Valkey: job queue and rate limits."))
    photo_store: str = field(
        metadata=_doc("`file:///folder` or `s3://bucket/prefix?endpoint=…&region=…`.")
    )
    app_mode: Mode = field(
        default=Mode.PRODUCTION, metadata=_doc("`production`, or `demo` (set by `make run` only).")
    )
    database_owner_url: str = field(
        default="", metadata=_doc("Role that owns the schema, for migrations; else DATABASE_URL.")
    )
    data_dir: Path = field(
        default=Path("var"), metadata=_doc("Folder for files of this machine.", "var")
    )
    anchor_dir: Path = field(
        default=Path("var/anchors"),
        metadata=_doc("Folder of the ledger's anchor file; copy it elsewhere.", "var/anchors"),
    )
    metrics_token: str = field(
        default="", repr=False, metadata=_doc("Bearer token for /metrics; empty: not served.")
    )
    s3_access_key_id: str = field(default="", metadata=_doc("Key of an S3 photo store."))
    s3_secret_access_key: str = field(
        default="", repr=False, metadata=_doc("Secret of an S3 photo store.")
    )
    wechat_app_id: str = field(default="", metadata=_doc("The mini program's AppID."))
    wechat_app_secret: str = field(
        default="", repr=False, metadata=_doc("The mini program's AppSecret.")
    )
    wechat_push_token: str = field(
        default="", repr=False, metadata=_doc("Token of WeChat's message push (消息推送).")
    )
    wechat_push_key: str = field(
        default="", repr=False, metadata=_doc("EncodingAESKey of the message push, 43 characters.")
    )
    public_url: str = field(
        default="",
        metadata=_doc("Where the world reaches this server: `https://…`; WeChat fetches photos."),
    )
    tile_url: str = field(
        default="",
        metadata=_doc(
            "Tiles of the maps, `https://…/{z}/{x}/{y}…`, in WGS-84; empty: boundaries alone."
        ),
    )
    tile_attribution: str = field(
        default="", metadata=_doc("Whose tiles these are; shown on the map.")
    )
    wechat_env: str = field(
        default="release",
        metadata=_doc("Version that codes and messages open: `release`, `trial` or `develop`."),
    )
    wechat_base_url: str = field(
        default="https://api.weixin.qq.com", metadata=_doc("WeChat's server; demo: the stand-in.")
    )
    data_key: str = field(
        default="",
        repr=False,
        metadata=_doc(
            "Keys that encrypt phone numbers, newest first, by comma; empty: DATA_DIR/data.key."
        ),
    )
    demo_password: str = field(
        default="suishoupai-demo",
        repr=False,
        metadata=_doc("Password of the demo accounts; demo only.", "suishoupai-demo"),
    )
    trusted_proxies: int = field(
        default=0, metadata=_doc("How many proxies in front add X-Forwarded-For.", "0")
    )
    database_pool: int = field(
        default=5, metadata=_doc("Connections that a process keeps open.", "5")
    )
    decoder_children: int = field(
        default=1, metadata=_doc("Processes per web worker that decode uploads.", "1")
    )
    max_photo_bytes: int = field(
        default=15_000_000, metadata=_doc("Largest photo upload.", "15000000")
    )
    max_body_bytes: int = field(default=262_144, metadata=_doc("Largest JSON body.", "262144"))
    reports_per_hour: int = field(
        default=20, metadata=_doc("Per resident; staff ten times that.", "20")
    )
    photos_per_hour: int = field(
        default=60, metadata=_doc("Per resident; staff ten times that.", "60")
    )
    sign_in_failures_per_name: int = field(
        default=10, metadata=_doc("Failed passwords per name in ten minutes.", "10")
    )
    sign_in_failures_per_address: int = field(
        default=100, metadata=_doc("Failed passwords per address in ten minutes.", "100")
    )
    number_prefix: str = field(default="HY", metadata=_doc("Beginning of case numbers.", "HY"))
    jurisdiction_id: str = field(
        default="", metadata=_doc("The district's name in Open311; empty: any is taken for ours.")
    )
    geocoder: str = field(
        default="",
        metadata=_doc("Finds addresses of Open311: `tencent`, `tianditu` or `nominatim`."),
    )
    geocoder_key: str = field(default="", repr=False, metadata=_doc("Key of the geocoder."))
    geocoder_url: str = field(
        default="", metadata=_doc("The geocoder's server; needed for `nominatim`.")
    )
    geocoder_region: str = field(
        default="", metadata=_doc("Goes in front of addresses, as `湖南省衡阳市`.")
    )
    place_tolerance_m: int = field(
        default=50, metadata=_doc("How far outside all grids a place may lie.", "50")
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Reads the environment.

        Raises:
            SettingsError: naming the variable.
        """
        source = os.environ if environ is None else environ
        values: dict[str, object] = {}
        for one in fields(cls):
            name = one.name.upper()
            given = source.get(name, "")
            if given:
                values[one.name] = _read(name, given, one.type)
        missing = [
            n.upper() for n in ("database_url", "redis_url", "photo_store") if n not in values
        ]
        if missing:
            raise SettingsError(f"missing settings: {', '.join(missing)}")
        settings = cls(**values)  # type: ignore[arg-type]
        settings.check()
        return settings

    def check(self) -> None:
        """Refuses what must not start together."""
        self._check_tiles()
        for name, beginnings in _BEGINNINGS.items():
            if not getattr(self, name).startswith(beginnings):
                raise SettingsError(f"{name.upper()} must begin with {' or '.join(beginnings)}")
        for name in ("database_pool", "decoder_children"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name.upper()} must be at least 1")
        self._check_geocoder()
        if self.wechat_env not in {"release", "trial", "develop"}:
            raise SettingsError("WECHAT_ENV must be release, trial or develop")
        if self.wechat_push_key and not _AES_KEY.fullmatch(self.wechat_push_key):
            raise SettingsError("WECHAT_PUSH_KEY must be the 43 characters of an EncodingAESKey")
        if self.app_mode is Mode.PRODUCTION:
            self._check_production()

    def _check_geocoder(self) -> None:
        if self.geocoder not in {"", *GEOCODERS}:
            raise SettingsError(f"GEOCODER must be one of {', '.join(GEOCODERS)}")
        if self.geocoder == "nominatim" and not self.geocoder_url.startswith(_HTTP):
            raise SettingsError("GEOCODER_URL must be the address of the nominatim server")
        if self.geocoder in {"tencent", "tianditu"} and not self.geocoder_key:
            raise SettingsError("GEOCODER_KEY must be set")

    def _check_production(self) -> None:
        """No stand-in in production: it speaks plain HTTP on loopback, under made-up names."""
        for name in ("wechat_base_url", "public_url"):
            value = getattr(self, name)
            if value and not value.startswith("https://"):
                raise SettingsError(f"{name.upper()} must be https:// in production")
        if self.wechat_app_id.startswith("demo-"):
            raise SettingsError("WECHAT_APP_ID is the stand-in's; production refuses it")

    def _check_tiles(self) -> None:
        """A map without them is whole; one with a wrong address is grey."""
        if not self.tile_url:
            return
        for part in ("{z}", "{x}", "{y}"):
            if part not in self.tile_url:
                raise SettingsError(f"TILE_URL must hold {part}")
        if not self.tile_url.startswith(("https://", "http://", "/")):
            raise SettingsError("TILE_URL must begin with https://, http:// or /")
        if any(c in self.tile_url for c in " ;,'\""):
            raise SettingsError("TILE_URL must not hold spaces, quotes, commas or semicolons")

    @property
    def wechat_credentials(self) -> tuple[str, str]:
        """AppID and AppSecret; in the demo the stand-in's, unless others are given."""
        if self.app_mode is Mode.DEMO and not self.wechat_app_id:
            return "demo-appid", "demo-secret"
        return self.wechat_app_id, self.wechat_app_secret

    @property
    def wechat_push(self) -> tuple[str, str]:
        """Token and EncodingAESKey of the message push; in the demo the stand-in's."""
        if self.app_mode is Mode.DEMO and not self.wechat_push_token:
            return "demo-push-token", DEMO_PUSH_KEY
        return self.wechat_push_token, self.wechat_push_key

    @property
    def is_production(self) -> bool:
        return self.app_mode is Mode.PRODUCTION

    @property
    def owner_url(self) -> str:
        return self.database_owner_url or self.database_url

    @property
    def policy(self) -> Policy:
        return Policy(number_prefix=self.number_prefix, tolerance_m=self.place_tolerance_m)


def _read(name: str, given: str, kind: object) -> object:
    if kind is int:
        if not given.isascii() or not given.isdigit():
            raise SettingsError(f"{name} must be a whole number, not {given!r}")
        return int(given)
    if kind is Mode:
        if given not in list(Mode):
            raise SettingsError(f"{name} must be one of {', '.join(Mode)}, not {given!r}")
        return Mode(given)
    return Path(given) if kind is Path else given
