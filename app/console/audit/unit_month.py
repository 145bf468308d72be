"""A unit's month as a PDF."""

from urllib.parse import quote

from flask import Response

from app.auth import Access, access, kit
from app.console.pages import pages, work
from app.services import audit_pdf
from app.services.audit_month import unit_month
from models import period
from models.errors import NotFound


@pages.get("/audit/units/<code>/<month>.pdf")
@access(Access.STAFF)
def audit_unit_month(code: str, month: str) -> Response:
    """Figures, times and late cases of the unit and those under it. It is drawn outside of the
    unit of work: the connection is given back first."""
    with work(kit().autocommit) as here:
        asked = period.parse(month)
        if asked.month is None:
            raise NotFound("没有这个月份，地址应以 2026-03.pdf 这样的年月结尾")
        found = unit_month(here.db, here.atlas, here.actor, code, asked)
    response = Response(audit_pdf.written(found), mimetype=audit_pdf.MEDIA_TYPE)
    name = f"{found['unit_name']}-{month}-考核月报.pdf"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["Cache-Control"] = "private, no-cache"
    return response
