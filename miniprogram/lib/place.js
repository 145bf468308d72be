/** Places: which system a pair is in, how far two are apart, what to call one. */

const AXIS_M = 6378245.0;
const ECCENTRICITY_SQUARED = 0.006693421622965943;
const EARTH_M = 6371008.8;
/** What maps shift, roughly; the server's own outline decides (models/geo.py). */
const MAINLAND = { west: 73, east: 135.1, south: 17.87, north: 54.2 };

const sine = (halfTurns) => Math.sin(halfTurns * Math.PI);
const radians = (degrees) => (degrees * Math.PI) / 180;

/**
 * A WGS-84 pair as WeChat's map wants it, GCJ-02; for showing only: what is sent keeps the system
 * it was measured in.
 * @param {{longitude: number, latitude: number}} place
 */
function wgs84ToGcj02(place) {
  const { longitude, latitude } = place;
  const inside = longitude > MAINLAND.west && longitude < MAINLAND.east && latitude > MAINLAND.south && latitude < MAINLAND.north;
  if (!inside) return { longitude, latitude };
  const x = longitude - 105;
  const y = latitude - 35;
  const root = Math.sqrt(Math.abs(x));
  const ripple = ((20 * sine(6 * x) + 20 * sine(2 * x)) * 2) / 3;
  let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple;
  north += ((20 * sine(y) + 40 * sine(y / 3) + 160 * sine(y / 12) + 320 * sine(y / 30)) * 2) / 3;
  let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple;
  east += ((20 * sine(x) + 40 * sine(x / 3) + 150 * sine(x / 12) + 300 * sine(x / 30)) * 2) / 3;
  const flat = 1 - ECCENTRICITY_SQUARED * Math.sin(radians(latitude)) ** 2;
  const meridian = (AXIS_M * (1 - ECCENTRICITY_SQUARED)) / flat ** 1.5;
  const parallel = (AXIS_M / Math.sqrt(flat)) * Math.cos(radians(latitude));
  return {
    longitude: longitude + (east / parallel) * (180 / Math.PI),
    latitude: latitude + (north / meridian) * (180 / Math.PI),
  };
}

/** A GCJ-02 pair in WGS-84, a centimetre off at most. @param {{longitude: number, latitude: number}} place */
function gcj02ToWgs84(place) {
  let found = place;
  for (let round = 0; round < 3; round += 1) {
    const shifted = wgs84ToGcj02(found);
    found = {
      longitude: found.longitude + place.longitude - shifted.longitude,
      latitude: found.latitude + place.latitude - shifted.latitude,
    };
  }
  return found;
}

/** Metres between two pairs of one system. */
function distance(a, b) {
  const up = Math.sin(radians(b.latitude - a.latitude) / 2);
  const over = Math.sin(radians(b.longitude - a.longitude) / 2);
  const square = up * up + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * over * over;
  return 2 * EARTH_M * Math.asin(Math.sqrt(Math.min(1, square)));
}

/** @param {number} metres */
function metresInWords(metres) {
  if (metres < 1000) return `${Math.max(1, Math.round(metres))} 米`;
  return `${(metres / 1000).toFixed(metres < 10000 ? 1 : 0)} 公里`;
}

/**
 * A box around a place, as the server's bbox wants it (west,south,east,north).
 * @param {{longitude: number, latitude: number}} centre @param {number} metres to each side
 */
function boxAround(centre, metres) {
  const up = metres / 111195;
  const over = up / Math.cos(radians(centre.latitude));
  return [centre.longitude - over, centre.latitude - up, centre.longitude + over, centre.latitude + up]
    .map((one) => one.toFixed(6))
    .join(',');
}

/** The middle of what a GeoJSON geometry spans. @param {any} geometry */
function middle(geometry) {
  const xs = [];
  const ys = [];
  const walk = (part) => {
    if (typeof part[0] === 'number') {
      xs.push(part[0]);
      ys.push(part[1]);
    } else part.forEach(walk);
  };
  walk(geometry.coordinates);
  const half = (all) => (Math.min(...all) + Math.max(...all)) / 2;
  return { longitude: half(xs), latitude: half(ys) };
}

/** Grid and community by name, as residents know them. @param {any} located */
function areaName(located) {
  const names = [located.community, located.grid].filter(Boolean).map((one) => one.name);
  if (names.length === 2 && names[1].indexOf(names[0]) === 0) return names[1];
  return names.join(' · ');
}

module.exports = { wgs84ToGcj02, gcj02ToWgs84, distance, metresInWords, boxAround, middle, areaName };
