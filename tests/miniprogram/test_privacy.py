"""The privacy agreement on the phone: asked for when it is needed, and told to the service."""

from playwright.sync_api import expect

from tests.island import Island, eventually
from tests.miniprogram.conftest import Handsets
from tests.miniprogram.handset import PRIVACY_VERSION

WORDS = "路边一堆东西没人管"
EARLIER = "2020-01"


def recorded(island: Island) -> list[str]:
    """The versions that the newest account agreed to."""
    rows = island.db.exec_driver_sql(
        "SELECT version FROM privacy_consent"
        " WHERE account_id = (SELECT max(id) FROM account) ORDER BY version"
    )
    return [row.version for row in rows]


def test_consent_is_asked_for_at_the_first_protected_call_and_recorded_once(
    phones: Handsets, island: Island
) -> None:
    phone = phones("newcomer", trusted=False)
    phone.network("off")
    phone.open("pages/report/report")
    phone.says("使用前请看一下")
    phone.tap("同意并继续")
    phone.answer("允许")
    phone.says("先记坐标")
    phone.kill()
    phone.network("on")
    phone.kill()
    assert eventually(lambda: recorded(island) == [PRIVACY_VERSION])
    phone.kill()
    phone.open("pages/privacy/privacy")
    phone.says(f"同意了 {PRIVACY_VERSION} 版")
    assert recorded(island) == [PRIVACY_VERSION]


def test_a_new_version_of_the_text_is_asked_for_again(phones: Handsets, island: Island) -> None:
    phone = phones("regular", trusted=False)
    phone.trust()
    agreed = {"version": EARLIER, "at": "2020-01-01T08:00:00Z"}
    phone.page.evaluate("(agreed) => wx.setStorageSync('set:privacy', agreed)", agreed)
    phone.kill()
    assert eventually(lambda: EARLIER in recorded(island))
    expect(phone.page.get_by_text("隐私保护指引有更新")).to_have_count(0)
    phone.open("pages/report/report")
    phone.says("隐私保护指引有更新")
    phone.tap("同意并继续")
    phone.says("书院社区第四网格")
    assert eventually(lambda: PRIVACY_VERSION in recorded(island))
    phone.kill()
    phone.open("pages/report/report")
    phone.says("书院社区第四网格")


def test_who_does_not_agree_reports_by_map_and_words(phones: Handsets, island: Island) -> None:
    phone = phones("refuser", messages=True, trusted=False)
    phone.open("pages/report/report")
    phone.tap("不同意")
    phone.says("没有同意《隐私保护指引》，取不了位置")
    phone.write("问题描述", "还没写完")
    phone.tap("说不清")
    expect(phone.page.get_by_text("使用前请看一下")).to_have_count(0)
    phone.tap("在地图上选")
    phone.tap("不同意")
    phone.tap("就是这里")
    phone.says("网格")
    phone.tap("拍照")
    phone.tap("不同意")
    phone.says("没有同意《隐私保护指引》，用不了照片")
    phone.tap("说不清")
    phone.write("问题描述", WORDS)
    phone.tap("提交上报")
    phone.says("已收到")
    assert eventually(lambda: island.one("SELECT count(*) FROM report") == 1)
    assert recorded(island) == []
