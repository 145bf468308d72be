"""What an edge needs to serve: made once per process, handed in, never imported as a global."""

from dataclasses import dataclass

from sqlalchemy import Engine

from app.clients.broker import Broker
from app.clients.decoder import Decoder
from app.clients.geocoder import Geocoder
from app.clients.photo_store import PhotoStore
from app.clients.web import Reach, Web
from app.clients.wechat import WeChat
from app.clients.wechat_push import PushReader
from app.services.area import CurrentAtlas
from app.services.safe import Safe
from config import Settings, SettingsError
from models.db import connect


@dataclass(frozen=True)
class Kit:
    """`autocommit` shares the engine's connections, without a transaction around its statements;
    `web` goes to public addresses only, `web_here` to servers that the operator named."""

    settings: Settings
    engine: Engine
    autocommit: Engine
    atlas: CurrentAtlas
    broker: Broker
    store: PhotoStore
    decoder: Decoder
    safe: Safe
    wechat: WeChat | None
    push: PushReader | None
    geocoder: Geocoder | None
    web: Web
    web_here: Web

    @classmethod
    def from_settings(cls, settings: Settings) -> "Kit":
        engine = connect(settings.database_url, pool_size=settings.database_pool)
        broker = Broker(settings.redis_url)
        return cls(
            settings=settings,
            engine=engine,
            autocommit=engine.execution_options(isolation_level="AUTOCOMMIT"),
            atlas=CurrentAtlas(engine, settings.policy),
            broker=broker,
            store=PhotoStore.from_url(
                settings.photo_store,
                {
                    "access_key_id": settings.s3_access_key_id,
                    "secret_access_key": settings.s3_secret_access_key,
                },
            ),
            decoder=Decoder(children=settings.decoder_children),
            safe=_safe(settings),
            wechat=_wechat(settings, broker),
            push=_push(settings),
            geocoder=_geocoder(settings),
            web=Web(),
            web_here=Web(Reach.ANYWHERE),
        )

    def close(self) -> None:
        self.decoder.close()
        self.engine.dispose()


def _geocoder(settings: Settings) -> Geocoder | None:
    if not settings.geocoder:
        return None
    return Geocoder(
        settings.geocoder, settings.geocoder_key, settings.geocoder_url, settings.geocoder_region
    )


def _safe(settings: Settings) -> Safe:
    try:
        return Safe.of(settings.data_key, settings.data_dir)
    except ValueError:
        raise SettingsError("DATA_KEY or DATA_DIR/data.key holds what is no key") from None
    except OSError as error:
        raise SettingsError(
            f"DATA_KEY is not set, and no key can be kept in DATA_DIR: {error.strerror}"
        ) from None


def _wechat(settings: Settings, broker: Broker) -> WeChat | None:
    app_id, secret = settings.wechat_credentials
    if not app_id or not secret:
        return None
    return WeChat(
        app_id, secret, broker, base_url=settings.wechat_base_url, env=settings.wechat_env
    )


def _push(settings: Settings) -> PushReader | None:
    app_id, _ = settings.wechat_credentials
    token, key = settings.wechat_push
    return PushReader(app_id, token, key) if app_id and token else None
