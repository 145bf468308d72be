"""The catalogue: categories by group, their limits, and what reports of them are asked."""

from flask import Response

from app.auth import Access, access
from app.console.admin.menu import admin_page
from app.console.district.upload import done, opened, with_history
from app.console.pages import pages
from app.services.responsibility_matrix import Matrix
from models.calendar import CALENDAR_LABELS, LOCAL, limit_in_words
from models.catalogue import EVIDENCE_LABELS, INTAKE_LABELS, KIND_LABELS
from models.moment import now


@pages.get("/district/catalogue")
@access(Access.ADMIN)
def district_catalogue() -> Response:
    with opened() as here:
        shown = with_history(here, "catalogue", "fields") | done()
    atlas = here.atlas
    return admin_page(
        "district/catalogue.html",
        200,
        here.actor,
        **shown,
        groups=Matrix(atlas, now().astimezone(LOCAL).date()).groups,
        retired=[one for one in atlas.categories.values() if one.retired_at is not None],
        limit=limit_in_words,
        calendars=CALENDAR_LABELS,
        intakes=INTAKE_LABELS,
        evidences=EVIDENCE_LABELS,
        kinds=KIND_LABELS,
        policy=_policy(atlas.policy),
    )


def _policy(policy: object) -> list[tuple[str, str]]:
    """The limits that hold for every category."""
    stages = (
        ("受理", "accept_limit"),
        ("核实", "verify_limit"),
        ("签收", "start_limit"),
        ("核查", "check_limit"),
        ("突发险情受理", "emergency_accept_limit"),
        ("突发险情签收", "emergency_start_limit"),
    )
    return [(label, limit_in_words(getattr(policy, name))) for label, name in stages]
