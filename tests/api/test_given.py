"""What a step of a case was given, in words, beside what was written and photographed."""

from datetime import datetime
from typing import Any

from models.moment import dated
from tests.api.story import REPLY, Story, in_days
from tests.drive import Drive, Person


def _given(reader: Person, number: str) -> dict[str, str]:
    """What the last step was given, by label."""
    step: dict[str, Any] = reader.case(number)["timeline"][-1]
    assert all(set(one) == {"label", "text"} for one in step["given"])
    return {one["label"]: one["text"] for one in step["given"]}


def test_who_checks_reads_what_the_unit_claims_and_the_unit_how_it_was_checked(
    drive: Drive,
) -> None:
    story = Story(drive).start()
    photo_ids = [story.unit.photo()]
    story.unit.done(story.number, "resolve", outcome="absent", comment="好了", photo_ids=photo_ids)
    assert _given(story.worker, story.number) == {"处置结果": "不实"}
    story.worker.done(
        story.number, "pass", method="on_site", reply=REPLY, photo_ids=[story.worker.photo()]
    )
    assert _given(story.unit, story.number) == {"核查方式": "现场核查"}
    story.call("feedback", solved=True, rating=4)
    assert _given(story.unit, story.number) == {"是否解决": "是", "满意度": "4"}


def test_moments_units_and_people_are_told_in_words(drive: Drive) -> None:
    story, asked, review = Story(drive), in_days(9), in_days(20)
    story.unit.done(story.number, "delegate", worker=str(story.unit.account_id))
    name = story.unit.case(story.number)["timeline"][-1]["who"]
    assert _given(story.unit, story.number) == {"经办人": name}
    story.start()
    assert _given(story.unit, story.number) == {}
    story.unit.done(story.number, "ask_extension", due_at=asked, reason="要等吊车")
    told = dated(datetime.fromisoformat(asked))
    assert _given(story.supervisor, story.number) == {"新的期限": told}, "words are not told twice"
    photo_ids = [story.unit.photo()]
    story.unit.done(
        story.number, "ask_suspension", reason="weather", review_at=review, photo_ids=photo_ids
    )
    assert _given(story.supervisor, story.number) == {
        "挂账原因": "天气或季节原因",
        "复查日期": dated(datetime.fromisoformat(review)),
    }
    story.desk.done(story.number, "reassign", unit="U-CG", reason="归城管")
    assert _given(story.desk, story.number) == {"责任单位": drive.kit.atlas().unit_name("U-CG")}


def test_a_form_says_of_which_fields_one_is_to_be_given(drive: Drive) -> None:
    story = Story(drive)
    forms = {one["action"]: one["exactly_one"] for one in story.unit.case(story.number)["actions"]}
    assert forms == {"start": [], "delegate": ["unit", "worker"], "hand_back": [], "remark": []}
