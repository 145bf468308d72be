// The public data of this server (docs/public.md).

const PATIENCE_MS = 20000;
const DAY_MS = 86400000;
const SHIFT_MS = 8 * 3600000; // days are those of Asia/Shanghai

async function read(path) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(path, { signal: stop.signal, headers: { Accept: "*/*" } });
    if (!answer.ok) {
      answer.body?.cancel();
      throw Object.assign(new Error(path), { status: answer.status });
    }
    return await answer.json();
  } finally {
    clearTimeout(timer);
  }
}

/** The local midnight so many days ago, today counted: the same text all day, for caches. */
function since(days) {
  const today = Math.floor((Date.now() + SHIFT_MS) / DAY_MS) * DAY_MS;
  return `${new Date(today - (days - 1) * DAY_MS).toISOString().slice(0, 10)}T00:00:00+08:00`;
}

/** Cases of a filter, the newest first; `more` where there are too many to show. */
export async function cases({ status, categories, days }) {
  const query = new URLSearchParams({ since: since(days) });
  if (status) query.set("status", status);
  if (categories.length) query.set("category", categories.join(","));
  const found = await read(`/public/cases.geojson?${query}`);
  const items = found.features.map(({ geometry, properties }) => ({
    ...properties,
    longitude: geometry.coordinates[0],
    latitude: geometry.coordinates[1],
  }));
  return { items, more: found.next_cursor !== null };
}

export const one = (number) => read(`/public/cases/${encodeURIComponent(number)}.json`);
export const areas = (level) => read(`/public/areas.geojson?level=${level}`);
export const figures = () => read("/public/figures.json");
export const solved = () => read("/public/solved.json?limit=30").then((found) => found.items);
