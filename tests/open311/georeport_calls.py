"""Every call of the client `georeport`, in both forms, run where its own packages are:
`georeport_calls.py URL NUMBER CODE` writes what it was answered, as JSON."""

import json
import sys
from datetime import UTC, datetime, timedelta

from georeport import CityEndpoints, GeoReport


def main(url: str, number: str, code: str) -> None:
    told = {}
    day_ago = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
    for form in ("json", "xml"):
        client = GeoReport(url, jurisdiction="hengyang", output_format=form)
        told[form] = {
            "services": client.get_service_list(),
            "definition": client.get_service_definition(code),
            "requests": client.get_service_requests(start_date=day_ago, status="open,closed"),
            "numbered": client.get_service_requests(service_request_id=f"{number},none"),
            "one": client.get_service_request(number),
        }
    told["cities"] = CityEndpoints.list_cities()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
