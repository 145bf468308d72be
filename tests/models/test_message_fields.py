"""Values of subscribe messages: none that WeChat refuses, none that says something else."""

from datetime import UTC, datetime, timedelta
from unicodedata import category, normalize

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import LOCAL
from models.message_fields import date_value, fit, kind_of, time_value

LIMITS = {
    "thing1": 20,
    "character_string2": 32,
    "number3": 32,
    "letter4": 32,
    "symbol5": 5,
    "phrase6": 5,
    "name7": 20,
    "time8": 41,
    "date9": 41,
    "amount10": 15,
    "phone_number11": 17,
    "car_number12": 8,
}
FAMILY, WALES = "👨‍👩‍👧‍👦", "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
TWENTY = "朝阳路与人民路交叉口东北角人行道破损处"
PIECES = [*"汉字朝阳路，。a Z9…·", FAMILY, WALES, "🇨🇳", "👍🏽", "❤️", "é̂", "☎", "𬇙", "각", "नि"]


def units(text: str) -> int:
    return len(text.encode("utf-16-be")) // 2


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("thing1", "thing"),
        ("thing01", "thing"),
        ("thing12", "thing"),
        ("character_string2", "character_string"),
        ("phone_number3", "phone_number"),
        ("car_number4", "car_number"),
        *((f"{kind}9", kind) for kind in ("number", "letter", "symbol", "phrase", "name")),
        *((f"{kind}9", kind) for kind in ("time", "date", "amount")),
    ],
)
def test_a_key_is_a_kind_and_a_number(key: str, kind: str) -> None:
    assert kind_of(key) == kind


@pytest.mark.parametrize(
    "key",
    ["", "thing", "1", "thing123", "thing1 ", "thing1\n", "Thing1", "thing１", "xthing1", "title1"],
)
def test_what_is_no_key_has_no_kind_and_no_value(key: str) -> None:
    assert kind_of(key) is None
    with pytest.raises(ValueError, match="no key"):
        fit(key, "路灯不亮")


@pytest.mark.parametrize(
    ("value", "fitted"),
    [
        ("路灯不亮", "路灯不亮"),
        (TWENTY + "甲", TWENTY + "甲"),
        (TWENTY + "甲乙", TWENTY + "…"),
        ("  井盖\r\n\t 缺失　", "井盖 缺失"),
        ("井盖\u2028缺失", "井盖 缺失"),
        ("井\x00盖\x7f缺\u200b失\u202e", "井盖缺失"),
        ("朝阳路与人民路交叉口东北角人行 道破损处", "朝阳路与人民路交叉口东北角人行 道破损处"),
        ("朝阳路与人民路交叉口东北角人行道破 损处多", "朝阳路与人民路交叉口东北角人行道破 损…"),
        ("朝阳路与人民路交叉口东北角人行道破损 处多", "朝阳路与人民路交叉口东北角人行道破损…"),
        ("👍🏽" * 5, "👍🏽" * 5),
        ("👍🏽" * 6, "👍🏽" * 4 + "…"),
        ("🇨🇳" * 6, "🇨🇳" * 4 + "…"),
        (FAMILY * 2, FAMILY + "…"),
        ("路" * 9 + FAMILY, "路" * 9 + FAMILY),
        ("路" * 10 + FAMILY, "路" * 10 + "…"),
        (WALES, WALES),
        ("e\u0301" * 20, "é" * 20),
        ("x\u0323\u0302" * 20, "x\u0323\u0302" * 6 + "…"),
        ("x" + "\u0302" * 30, None),
        ("\u0302", None),
        ("\u200d\ufe0f", None),
        (" \n\t\u3000", None),
        ("", None),
    ],
)
def test_a_thing_is_any_text_of_twenty(value: str, fitted: str | None) -> None:
    assert fit("thing1", value) == fitted


@pytest.mark.parametrize(
    ("key", "value", "fitted"),
    [
        ("character_string1", "SSP-20261123-0001", "SSP-20261123-0001"),
        ("character_string1", "编号：Ａ12（b）号", ":A12(b)"),
        ("character_string1", "7" * 33, "7" * 32),
        ("character_string1", "e\u0301", None),
        ("character_string1", "没有", None),
        ("letter1", "Road 12 路 B", "RoadB"),
        ("letter1", "ab" * 17, "ab" * 16),
        ("letter1", "é12", None),
        ("symbol1", "★★★★★", "★★★★★"),
        ("symbol1", "好！！a1👍🏽⭐❤️", "！！❤"),
        ("symbol1", "+-*/=%", "+-*/="),
        ("symbol1", FAMILY, None),
        ("phrase1", "处理中", "处理中"),
        ("phrase1", "已办结 2 次，请评价", "已办结次请"),
        ("phrase1", "々ノ⼀", None),
        ("phrase1", "Done", None),
        ("phrase1", "𬇙𬇙𬇙", "𬇙𬇙"),
        ("name1", "张三2号", "张三号"),
        ("name1", "阿卜杜拉·买买提", "阿卜杜拉·买买提"),
        ("name1", "城市管理综合行政执法局", "城市管理综合行政执法"),
        ("name1", "J. Smith", "J.Smith"),
        ("name1", "abcdefghijklmnopqrstuv", "abcdefghijklmnopqrst"),
        ("name1", "王abcdefghijklmnop", "王abcdefghi"),
        ("name1", "12 👍", None),
    ],
)
def test_kinds_of_few_characters_drop_others(key: str, value: str, fitted: str | None) -> None:
    assert fit(key, value) == fitted


@pytest.mark.parametrize(
    ("key", "value", "fitted"),
    [
        ("number1", "12", "12"),
        ("number1", "共 1,234,567.50 元。", "1234567.50"),
        ("number1", "气温－5度", "-5"),
        ("number1", "气温−5度", "-5"),
        ("number1", "第３次.", "3"),
        ("number1", "9" * 32, "9" * 32),
        ("number1", "9" * 33, None),
        ("number1", "1.2.3", None),
        ("number1", "3至5", None),
        ("number1", "1,23", None),
        ("number1", "2026-11-23", None),
        ("number1", "一", None),
        ("amount1", "￥100", "￥100"),
        ("amount1", "罚款 1,200.5 元", "1200.5"),
        ("amount1", "¥9999999999.99元", "¥9999999999.99元"),
        ("amount1", "12345678901", None),
        ("amount1", "-3元", None),
        ("amount1", "3.141元", None),
        ("amount1", "100元至200元", None),
        ("time1", "2019年10月1日 15:01", "2019年10月1日 15:01"),
        ("time1", "截止 2019年10月1日　15：01 前", "2019年10月1日 15:01"),
        ("time1", "15:01:59", "15:01:59"),
        ("time1", "2019年10月1日 15:01～16:01", "2019年10月1日 15:01~16:01"),
        ("time1", "2019年13月1日 15:01", None),
        ("time1", "2019年10月1日", None),
        ("time1", "24:00", None),
        ("time1", "明天", None),
        ("date1", "2019年10月1日", "2019年10月1日"),
        ("date1", "2019年10月1日 15:01", "2019年10月1日 15:01"),
        ("date1", "2019年10月1日~2019年10月3日", "2019年10月1日~2019年10月3日"),
        ("date1", "10月1日", None),
        ("date1", "2019年10月32日", None),
        ("phone_number1", "+86-0766-66888866", "+86-0766-66888866"),
        ("phone_number1", "电话：138 0013 8000（王）", "13800138000"),
        ("phone_number1", "138****8000", "138****8000"),
        ("phone_number1", "12345", "12345"),
        ("phone_number1", "13800138000、13900139000", None),
        ("phone_number1", "123456789012345678", None),
        ("phone_number1", "12", None),
        ("car_number1", "粤A8Z888挂", "粤A8Z888挂"),
        ("car_number1", "车牌：粤A·8Z888 停在路边", "粤A8Z888"),
        ("car_number1", "粤AD12345", "粤AD12345"),
        ("car_number1", "粤AD12345挂", None),
        ("car_number1", "粤A8Z888、粤B12345", None),
        ("car_number1", "粤A", None),
    ],
)
def test_what_has_a_meaning_only_whole_is_never_cut(
    key: str, value: str, fitted: str | None
) -> None:
    assert fit(key, value) == fitted


@pytest.mark.parametrize(
    ("moment", "day", "clock"),
    [
        (datetime(2019, 10, 1, 15, 1, 59, tzinfo=LOCAL), "2019年10月1日", "15:01"),
        (datetime(2019, 10, 1, 16, 5, tzinfo=UTC), "2019年10月2日", "00:05"),
        (datetime(2026, 1, 5, 9, 0, tzinfo=LOCAL), "2026年1月5日", "09:00"),
    ],
)
def test_moments_are_written_in_local_time(moment: datetime, day: str, clock: str) -> None:
    assert date_value(moment) == day
    assert time_value(moment) == f"{day} {clock}"


@given(
    st.datetimes(
        datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        datetime(2199, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    )
)
def test_any_moment_fits(moment: datetime) -> None:
    assert fit("time1", time_value(moment)) == time_value(moment)
    assert fit("date1", date_value(moment)) == date_value(moment)
    later = f"{time_value(moment)}~{time_value(moment + timedelta(days=1))}"
    assert fit("time1", later) == later


TEXT = st.one_of(
    st.text(),
    st.text(st.characters(codec=None), max_size=60),
    st.lists(st.sampled_from([*PIECES, *"0123456789.-+元￥年月日:~粤A（\n"]), max_size=60).map(
        "".join
    ),
)


@given(st.sampled_from(sorted(LIMITS)), TEXT)
def test_no_value_is_too_long_or_empty_and_fitting_again_changes_nothing(
    key: str, value: str
) -> None:
    fitted = fit(key, value)
    if fitted is not None:
        assert 0 < units(fitted) <= LIMITS[key]
        assert fitted.strip() == fitted
        assert not {category(one) for one in fitted} & {"Cc", "Cs", "Zl", "Zp"}
        assert fit(key, fitted) == fitted


@given(TEXT)
def test_a_name_with_chinese_is_half_as_long(value: str) -> None:
    fitted = fit("name1", value + "汉")
    if fitted is not None and regex.search(r"\p{Han}", fitted):
        assert units(fitted) <= 10


@given(st.sampled_from(sorted(LIMITS)), TEXT)
def test_a_value_has_only_characters_of_its_kind(key: str, value: str) -> None:
    kind = {
        "character_string2": r"[\x21-\x7e]+",
        "number3": r"-?[0-9]+(\.[0-9]+)?",
        "letter4": r"[A-Za-z]+",
        "symbol5": r"[\p{P}\p{S}]+",
        "phrase6": r"[\p{Unified_Ideograph}〇]+",
        "name7": r"(?:(?![0-9 ])[\p{Unified_Ideograph}〇·\x20-\x7e])+",
        "time8": r"[0-9年月日: ~]+",
        "date9": r"[0-9年月日: ~]+",
        "amount10": r"[¥￥$€£]?[0-9]+(\.[0-9]+)?元?",
        "phone_number11": r"[0-9+*()-]+",
        "car_number12": r"\p{Unified_Ideograph}?[0-9A-Za-z]+\p{Unified_Ideograph}?",
    }.get(key, r"[^\p{Cc}\n]+")
    fitted = fit(key, value)
    assert fitted is None or regex.fullmatch(kind, fitted)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=60).map("".join))
def test_a_cut_falls_between_characters_as_people_see_them(value: str) -> None:
    plain = normalize("NFC", regex.sub(" +", " ", value).strip(" "))
    fitted = fit("thing1", value)
    if units(plain) <= 20:
        assert fitted == (plain or None)
    elif fitted is not None:
        kept = regex.findall(r"\X", fitted.removesuffix("…"))
        clusters = regex.findall(r"\X", plain)
        assert fitted.endswith("…")
        assert kept == clusters[: len(kept)]
        more = clusters[len(kept) :][: 2 if clusters[len(kept)] == " " else 1]
        assert units("".join(kept + more)) > 19


@given(st.text(st.sampled_from("汉𬇙王"), max_size=12), st.sampled_from(["phrase1", "name1"]))
def test_restricted_kinds_keep_the_beginning(value: str, key: str) -> None:
    fitted = fit(key, value)
    assert value.startswith(fitted or "")
    assert (fitted is None) == (value == "")
