"""Importing a whole district: the seven files in the order that they need each other."""

from pathlib import Path

from sqlalchemy import Connection

from app.services.account_import import import_accounts
from app.services.area_import import import_areas
from app.services.catalogue_import import import_catalogue
from app.services.duty_import import add_leave, import_duties
from app.services.field_import import import_fields
from app.services.import_batch import Summary
from app.services.responsibility_import import import_responsibilities
from app.services.unit_import import import_units
from models.geo import CoordType

__all__ = [
    "Summary",
    "add_leave",
    "import_accounts",
    "import_areas",
    "import_catalogue",
    "import_district",
    "import_duties",
    "import_fields",
    "import_responsibilities",
    "import_units",
]


def import_district(db: Connection, catalogue: Path, folder: Path, password: str) -> list[Summary]:
    """Imports the catalogue with `fields.csv` beside it, and from the folder `areas.geojson`
    (WGS-84), `units.csv`, `accounts.csv` (all with the one password), `responsibilities.csv` and
    `duties.csv`.

    Raises:
        ImportRefused: by the first file that has faults.
    """
    areas, units, accounts = (folder / n for n in ("areas.geojson", "units.csv", "accounts.csv"))
    fields = catalogue.with_name("fields.csv")
    rules, duties = folder / "responsibilities.csv", folder / "duties.csv"
    return [
        import_catalogue(db, catalogue.read_bytes(), catalogue.name),
        import_fields(db, fields.read_bytes(), fields.name),
        import_areas(db, areas.read_bytes(), CoordType.WGS84, areas.name),
        import_units(db, units.read_bytes(), units.name),
        import_accounts(db, accounts.read_bytes(), accounts.name, password),
        import_responsibilities(db, rules.read_bytes(), rules.name),
        import_duties(db, duties.read_bytes(), duties.name),
    ]
