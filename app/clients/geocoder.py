"""Addresses to places, by geopy: Tencent, Tianditu, or a server that speaks Nominatim.

geopy has no Tencent and no Tianditu; they are adapters of its base class here, so that time-outs,
proxies and errors are those of its own.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from geopy.exc import GeocoderServiceError, GeopyError
from geopy.geocoders import Nominatim
from geopy.geocoders.base import Geocoder as Adapter
from geopy.location import Location

from models.errors import GeocoderUnavailable
from models.geo import CoordType, Point, to_wgs84

TIMEOUT_S = 4.0
_HOSTS = {
    "tencent": "https://apis.map.qq.com",
    "tianditu": "https://api.tianditu.gov.cn",
    "nominatim": "",
}


class _Json(Adapter):  # type: ignore[misc]  # geopy has no types
    """One GET whose JSON answer is one place or none."""

    def __init__(self, base_url: str, key: str) -> None:
        super().__init__(timeout=TIMEOUT_S, user_agent="suishoupai")
        self._base_url, self._key = base_url.rstrip("/"), key

    def _ask(
        self, path: str, query: dict[str, str], read: Callable[[Any], tuple[float, float] | None]
    ) -> Location | None:
        def place(answer: Any) -> Location | None:
            try:
                found = read(answer)
                return None if found is None else Location("", found, {})
            except (KeyError, TypeError, ValueError):
                raise GeocoderServiceError("unexpected answer") from None

        return self._call_geocoder(f"{self._base_url}{path}?{urlencode(query)}", place)


class Tencent(_Json):
    """WebService geocoder of 腾讯位置服务; its places are GCJ-02."""

    def geocode(self, query: str) -> Location | None:
        return self._ask("/ws/geocoder/v1/", {"address": query, "key": self._key}, self._read)

    @staticmethod
    def _read(answer: Any) -> tuple[float, float] | None:
        if answer["status"] == 347:  # nothing found
            return None
        if answer["status"] != 0:
            raise GeocoderServiceError(f"status {answer['status']}")
        place = answer["result"]["location"]
        return float(place["lat"]), float(place["lng"])


class Tianditu(_Json):
    """Geocoder of 天地图; its places are CGCS2000, which is WGS-84 to centimetres."""

    def geocode(self, query: str) -> Location | None:
        asked = json.dumps({"keyWord": query}, ensure_ascii=False)
        return self._ask("/geocoder", {"ds": asked, "tk": self._key}, self._read)

    @staticmethod
    def _read(answer: Any) -> tuple[float, float] | None:
        if str(answer["status"]) in ("101", "404"):  # nothing found
            return None
        if str(answer["status"]) != "0":
            raise GeocoderServiceError(f"status {answer['status']}")
        place = answer["location"]
        return float(place["lat"]), float(place["lon"])


class Geocoder:
    """Finds addresses with the named kind of server. `region` goes in front of an address that
    does not begin with it, since a street's name alone is in many cities."""

    def __init__(self, kind: str, key: str, url: str, region: str) -> None:
        base = url or _HOSTS[kind]
        self._region = region
        self._coord_type = CoordType.GCJ02 if kind == "tencent" else CoordType.WGS84
        self._adapter: Any
        if kind == "nominatim":
            scheme, _, domain = base.rpartition("://")
            self._adapter = Nominatim(
                domain=domain.rstrip("/"),
                scheme=scheme or "https",
                timeout=TIMEOUT_S,
                user_agent="suishoupai",
            )
        else:
            self._adapter = {"tencent": Tencent, "tianditu": Tianditu}[kind](base, key)

    def find(self, address: str) -> Point | None:
        """The place of an address in WGS-84, None: it is not known.

        Raises:
            GeocoderUnavailable: no answer, or a refusal; the key is in no message.
        """
        whole = address if address.startswith(self._region) else f"{self._region}{address}"
        try:
            found = self._adapter.geocode(whole)
        except (GeopyError, OSError, KeyError, TypeError, ValueError):
            raise GeocoderUnavailable("地址解析服务暂时没有响应，请给出 lat 和 long") from None
        if found is None:
            return None
        return to_wgs84(found.longitude, found.latitude, self._coord_type)
