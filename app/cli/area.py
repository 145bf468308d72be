"""`flask areas`, `flask units`, `flask responsibilities`."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.work import say, work
from app.services.district_import import import_areas, import_responsibilities, import_units
from app.services.import_batch import newest_areas
from models.geo import CoordType

areas = AppGroup("areas", help="The map: areas and their boundaries.")
units = AppGroup("units", help="Units, who answer for cases.")
responsibilities = AppGroup("responsibilities", help="Who answers for what where.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@areas.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--coord-type",
    required=True,
    type=click.Choice([one.value for one in CoordType]),
    help="Which system the file's coordinates are in.",
)
def import_areas_command(file: Path, coord_type: str) -> None:
    """Make FILE (GeoJSON) the new version of the map."""
    with work() as db:
        summary = import_areas(db, file.read_bytes(), CoordType(coord_type), file.name)
    say(summary)


@areas.command("list")
def list_areas() -> None:
    """List the areas of the current map: code, level, parent, name."""
    with work() as db:
        for area in sorted(newest_areas(db).values()):
            click.echo("\t".join((area.code, area.level, area.parent or "", area.name)))


@units.command("import")
@click.argument("file", type=FILE)
def import_units_command(file: Path) -> None:
    """Make the units those of FILE (CSV); units that it lacks are retired."""
    with work() as db:
        summary = import_units(db, file.read_bytes(), file.name)
    say(summary)


@responsibilities.command("import")
@click.argument("file", type=FILE)
def import_responsibilities_command(file: Path) -> None:
    """Make the rules from today on those of FILE (CSV); the past stays."""
    with work() as db:
        summary = import_responsibilities(db, file.read_bytes(), file.name)
    say(summary)
