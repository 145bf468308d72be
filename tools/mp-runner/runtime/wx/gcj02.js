// The shift of Chinese maps, as models/geo.py of the server does it; the demo lies inside.

const AXIS_M = 6378245.0;
const ECCENTRICITY_SQUARED = 0.006693421622965943;

/** GCJ-02 of a WGS-84 place in mainland China, degrees. */
export function toGcj02({ longitude, latitude }) {
  const x = longitude - 105;
  const y = latitude - 35;
  const wave = (value, ...terms) => terms.reduce((sum, [amount, factor]) => sum + amount * Math.sin(value * factor * Math.PI), 0);
  const both = wave(x, [20, 6], [20, 2]) * (2 / 3);
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + both + wave(y, [20, 1], [40, 1 / 3]) * (2 / 3) + wave(y, [160, 1 / 12], [320, 1 / 30]) * (2 / 3);
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + both + wave(x, [20, 1], [40, 1 / 3]) * (2 / 3) + wave(x, [150, 1 / 12], [300, 1 / 30]) * (2 / 3);
  const angle = (latitude / 180) * Math.PI;
  const magic = 1 - ECCENTRICITY_SQUARED * Math.sin(angle) ** 2;
  const meridian = (AXIS_M * (1 - ECCENTRICITY_SQUARED)) / magic ** 1.5;
  const parallel = (AXIS_M / Math.sqrt(magic)) * Math.cos(angle);
  return { longitude: longitude + (east * 180) / (parallel * Math.PI), latitude: latitude + (north * 180) / (meridian * Math.PI) };
}

/** WGS-84 of a GCJ-02 place in mainland China, degrees. */
export function fromGcj02(place) {
  let found = place;
  for (let round = 0; round < 3; round += 1) {
    const shifted = toGcj02(found);
    found = {
      longitude: found.longitude + place.longitude - shifted.longitude,
      latitude: found.latitude + place.latitude - shifted.latitude,
    };
  }
  return found;
}
