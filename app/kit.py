"""What an edge needs to serve: made once per process, handed in, never imported as a global."""

from dataclasses import dataclass

from sqlalchemy import Engine

from app.clients.broker import Broker
from app.clients.decoder import Decoder
from app.clients.photo_store import PhotoStore
from app.clients.wechat import WeChat
from app.services.area import CurrentAtlas
from config import Mode, Settings
from models.db import connect


@dataclass(frozen=True)
class Kit:
    """`autocommit` shares the engine's connections, without a transaction around its statements."""

    settings: Settings
    engine: Engine
    autocommit: Engine
    atlas: CurrentAtlas
    broker: Broker
    store: PhotoStore
    decoder: Decoder
    wechat: WeChat | None

    @classmethod
    def from_settings(cls, settings: Settings) -> "Kit":
        engine = connect(settings.database_url, pool_size=settings.database_pool)
        return cls(
            settings=settings,
            engine=engine,
            autocommit=engine.execution_options(isolation_level="AUTOCOMMIT"),
            atlas=CurrentAtlas(engine, settings.policy),
            broker=Broker(settings.redis_url),
            store=PhotoStore.from_url(
                settings.photo_store,
                {
                    "access_key_id": settings.s3_access_key_id,
                    "secret_access_key": settings.s3_secret_access_key,
                },
            ),
            decoder=Decoder(children=settings.decoder_children),
            wechat=_wechat(settings),
        )

    def close(self) -> None:
        self.decoder.close()
        self.engine.dispose()


def _wechat(settings: Settings) -> WeChat | None:
    app_id, secret = settings.wechat_app_id, settings.wechat_app_secret
    if settings.app_mode is Mode.DEMO and not app_id:
        app_id, secret = "demo-appid", "demo-secret"
    if not app_id or not secret:
        return None
    return WeChat(app_id, secret, base_url=settings.wechat_base_url)
