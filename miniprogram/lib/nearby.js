/** What everybody may see: cases around a place, and what got solved. */
const { wgs84ToGcj02, distance, metresInWords, boxAround, middle } = require('./place');
const words = require('./words');

const REACH_M = 1500;
const MOST = 200;
const PIN = { open: '/images/pin/open.png', closed: '/images/pin/closed.png' };

/** Points of a GeoJSON answer as the map's markers. @param {any[]} features */
function markers(features) {
  return features.map((one, id) => {
    const [longitude, latitude] = one.geometry.coordinates;
    const { category_name, status, status_label } = one.properties;
    return {
      id,
      number: one.properties.number,
      ...wgs84ToGcj02({ longitude, latitude }),
      iconPath: PIN[status],
      width: 30,
      height: 38,
      title: `${category_name}（${status_label}）`,
      ariaLabel: `${category_name}，${status_label}`,
    };
  });
}

/** Borders of communities as the map's polygons: they tell where one is, by names one knows. */
function borders(features) {
  return features.reduce((found, one) => {
    const { type, coordinates } = one.geometry;
    const outer = type === 'Polygon' ? [coordinates[0]] : coordinates.map((part) => part[0]);
    return found.concat(
      outer.map((ring) => ({
        points: ring.map(([longitude, latitude]) => wgs84ToGcj02({ longitude, latitude })),
        strokeWidth: 2,
        strokeColor: '#0E4F4599',
        fillColor: '#0E4F450A',
      })),
    );
  }, []);
}

/** The nearest first, as rows. @param {any[]} features @param {any} from WGS-84 @param {number} now */
function rows(features, from, now) {
  return features
    .map((one) => {
      const [longitude, latitude] = one.geometry.coordinates;
      const away = distance(from, { longitude, latitude });
      const said = one.properties;
      return {
        number: said.number,
        category: said.category_name,
        label: said.status_label,
        tone: said.status === 'closed' ? 'done' : 'going',
        when: words.when(said.submitted_at, now),
        closed: said.closed_at ? words.when(said.closed_at, now) : '',
        closed_at: said.closed_at || '',
        away,
        awayWords: metresInWords(away),
      };
    })
    .sort((a, b) => a.away - b.away);
}

/** A case as shown, with the first picture before and the last after. @param {any} api @param {any} one a public case @param {number} now */
function publicCase(api, one, now) {
  const [before] = one.photos.before;
  const after = one.photos.after[one.photos.after.length - 1];
  return {
    ...one,
    before: before ? api.url(before) : '',
    after: after ? api.url(after) : '',
    submitted: words.when(one.submitted_at, now),
    closed: one.closed_at ? words.when(one.closed_at, now) : '',
    tone: one.status === 'closed' ? 'done' : 'going',
    steps: (one.timeline || []).map((step, number) => ({ number, label: step.status_label, when: words.when(step.at, now) })),
    place: wgs84ToGcj02(one),
  };
}

/**
 * @param {object} edges @param {any} edges.api @param {any} edges.store @param {() => number} edges.now
 */
function makeNearby({ api, store, now }) {
  /** @type {any} */
  let drawn = null;
  return {
    /** The district's name and middle, WGS-84; remembered. */
    async district() {
      const kept = store.get('district');
      if (kept) return kept;
      const { features } = await api.open('/api/v1/areas', { level: 'district' });
      if (features.length === 0) return { name: '', centre: { longitude: 0, latitude: 0 } };
      const found = { name: features[0].properties.name, centre: middle(features[0].geometry) };
      store.put('district', found);
      return found;
    },
    /** @returns {Promise<any[]>} */
    async borders() {
      if (!drawn) drawn = borders((await api.open('/public/areas.geojson', { level: 'community' })).features);
      return drawn;
    },
    /** Open cases around a WGS-84 place. */
    async around(place) {
      const bbox = boxAround(place, REACH_M);
      const { features } = await api.open('/public/cases.geojson', { bbox, status: 'open', limit: MOST });
      return { markers: markers(features), rows: rows(features, place, now()) };
    },
    /** Closed cases around a WGS-84 place, the last closed first. */
    async closed(place) {
      const bbox = boxAround(place, REACH_M);
      const { features } = await api.open('/public/cases.geojson', { bbox, status: 'closed', limit: MOST });
      return rows(features, place, now()).sort((a, b) => Date.parse(b.closed_at) - Date.parse(a.closed_at));
    },
    async solved(limit) {
      const { items } = await api.open('/public/solved.json', { limit });
      return items.map((one) => publicCase(api, one, now()));
    },
    async one(number) {
      return publicCase(api, await api.open(`/public/cases/${encodeURIComponent(number)}.json`), now());
    },
  };
}

module.exports = { makeNearby };
