"""Setting the district up: areas, units, who answers for what, duties, catalogue, calendars."""

from app.console.district import (
    areas,
    calendar,
    catalogue,
    duties,
    overview,
    responsibilities,
    templates,
    units,
    upload,
)

__all__ = [
    "areas",
    "calendar",
    "catalogue",
    "duties",
    "overview",
    "responsibilities",
    "templates",
    "units",
    "upload",
]
