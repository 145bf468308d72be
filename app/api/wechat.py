"""What WeChat calls: the message push, and the photos it checks."""

from flask import Response, request
from flask_openapi3 import APIBlueprint, Tag
from flask_openapi3.types import ResponseDict
from pydantic import BaseModel, Field

from app.auth import Access, access, kit
from app.clients.photo_store import rendition_key
from app.clients.wechat_push import PushReader
from app.schemas.parts import media
from app.schemas.problem import ProblemOut
from app.services import content, push
from models.db import transaction
from models.errors import NotFound, WeChatNotConfigured

api = APIBlueprint("wechat", __name__, url_prefix="/wechat", abp_tags=[Tag(name="wechat")])
UNPROVEN: ResponseDict = {403: ProblemOut, 413: ProblemOut, 422: ProblemOut}


def _reader() -> PushReader:
    reader = kit().push
    if reader is None:
        raise WeChatNotConfigured("没有配置消息推送，请设置 WECHAT_PUSH_TOKEN 和 WECHAT_PUSH_KEY")
    return reader


@api.get("/push", summary="微信确认推送地址", responses={200: media("text/plain"), **UNPROVEN})
@access(Access.SIGNED)
def greet() -> Response:
    return Response(_reader().greet(request.args), mimetype="text/plain")


@api.post("/push", summary="微信推送", responses={200: media("text/plain"), **UNPROVEN})
@access(Access.SIGNED)
def receive() -> Response:
    """Kept and answered at once; the work is a job's."""
    pushed = _reader().read(request.args, request.get_data())
    with transaction(kit().engine) as db:
        push.keep(db, pushed)
    return Response("success", mimetype="text/plain")


class PhotoToken(BaseModel):
    token: str = Field(max_length=300)


@api.get("/photos/<token>.jpg", summary="供微信审核的照片", responses={200: media("image/jpeg")})
@access(Access.SIGNED)
def photo(path: PhotoToken) -> Response:
    """The large rendition, without metadata, as long as the signed address is good."""
    here = kit()
    photo_id = here.safe.read(content.PHOTO_PURPOSE, path.token, content.PHOTO_SECONDS)
    if photo_id is None:
        raise NotFound("照片地址无效，或已过期")
    return Response(here.store.get(rendition_key(photo_id, "large")), mimetype="image/jpeg")
