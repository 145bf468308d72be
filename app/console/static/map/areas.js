// Areas as polygons: the base of the map, and who answers where.

import { h, number } from "./dom.js";

const L = globalThis.L;
const STYLES = {
  street: { color: "#5d6f6b", weight: 2, fillColor: "#fbfaf5", fillOpacity: 1 },
  community: { color: "#8d978f", weight: 1.2, fill: false },
  grid: { color: "#a9b0a8", weight: 0.8, dashArray: "3 3", fill: false },
  overlay: { color: "#6b4fa0", weight: 1.6, dashArray: "7 4", fill: false },
};
/* Told apart by people who see few colours; further units share them, and names stand beside. */
const COLOURS = [
  "#88ccee", "#ddcc77", "#cc6677", "#44aa99", "#aa4499", "#999933", "#6699cc", "#ee8866", "#117733", "#bbccee",
];
const NOBODY = { fillColor: "#ffffff", color: "#b3200e", dashArray: "2 4", weight: 2, fillOpacity: 0.85 };
const VARIES = { fillColor: "#d8dcd9", fillOpacity: 0.8 };

async function read(path) {
  const answer = await fetch(path, { redirect: "manual" });
  if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status || 401 });
  return answer.json();
}

export class Areas {
  constructor(map, { tiled, styles = STYLES, named = true }) {
    Object.assign(this, { map, tiled, styles, named, layers: {}, wanted: new Set() });
    for (const [pane, order] of [["land", 340], ["duty", 345], ["lines", 350], ["names", 360]]) {
      map.createPane(pane).style.zIndex = order;
    }
    map.getPane("names").style.pointerEvents = "none";
  }

  /** Shows the levels in `wanted` and no other. */
  async show(wanted) {
    this.wanted = new Set(wanted);
    const missing = [...this.wanted].filter((level) => !this.layers[level]);
    await Promise.all(missing.map(async (level) => (this.layers[level] ??= await this.fetched(level))));
    for (const [level, { layer, names }] of Object.entries(this.layers)) {
      for (const one of [layer, names]) {
        if (this.wanted.has(level)) one.addTo(this.map);
        else one.remove();
      }
    }
  }

  async fetched(level) {
    const found = await read(`/console/map/areas/${level}.json`);
    const pane = level === "street" ? "land" : "lines";
    this.renderers ??= {};
    const renderer = (this.renderers[pane] ??= L.canvas({ pane, padding: 0.3 }));
    const style = { ...this.styles[level], pane, renderer };
    if (this.tiled) style.fill = false;
    const layer = L.geoJSON(found, { style, pane, interactive: false });
    return { layer, names: this.names(layer, level), found };
  }

  /** Names in the middle of areas. */
  names(layer, level) {
    const group = L.layerGroup();
    if (!this.named) return group;
    layer.eachLayer((area) => {
      const at = area.getBounds().getCenter();
      const label = h("span", {}, area.feature.properties.name);
      const icon = L.divIcon({ className: `area-name ${level}`, html: label, iconSize: [0, 0] });
      group.addLayer(L.marker(at, { icon, pane: "names", interactive: false, keyboard: false }));
    });
    return group;
  }

  bounds() {
    const found = Object.values(this.layers).map(({ layer }) => layer.getBounds());
    return found.reduce((all, one) => all.extend(one), L.latLngBounds([]));
  }

  /** Colours grids and overlays by the unit that answers for a category; gives the units with
   * their colours. Empty for none. */
  async showDuty(category) {
    this.duty?.remove();
    this.duty = null;
    if (!category) return [];
    const [found, ...maps] = await Promise.all([
      read(`/console/map/units.json?category=${encodeURIComponent(category)}`),
      read("/console/map/areas/grid.json"),
      read("/console/map/areas/overlay.json"),
    ]);
    const units = found.units.map((unit, place) => ({ ...unit, place, style: styleOf(unit, place) }));
    const features = maps.flatMap((one) => one.features).filter((one) => one.id in found.areas);
    this.renderers ??= {};
    const renderer = (this.renderers.duty ??= L.canvas({ pane: "duty", padding: 0.3 }));
    const line = { color: "#fff", weight: 1, opacity: 0.9, fillOpacity: 0.72, pane: "duty", renderer };
    this.duty = L.geoJSON({ type: "FeatureCollection", features }, {
      pane: "duty",
      interactive: false,
      style: (one) => ({ ...line, ...units[found.areas[one.id]].style }),
    });
    this.unitOf = (feature) => units[found.areas[feature.id]];
    this.duty.addTo(this.map);
    return units;
  }

  /** Fades all but the grids of one unit; null shows all alike. */
  only(place) {
    this.duty?.setStyle((one) => {
      const unit = this.unitOf(one);
      const faded = place !== null && unit.place !== place;
      return { fillOpacity: faded ? 0.08 : (unit.style.fillOpacity ?? 0.72) };
    });
  }
}

function styleOf(unit, place) {
  if (unit.code === null) return NOBODY;
  return unit.code === "" ? VARIES : { fillColor: COLOURS[place % COLOURS.length] };
}

/** The units that answer, as buttons that show one alone. */
export function dutyLegend(list, units, areas) {
  let alone = null;
  list.hidden = !units.length;
  const rows = units.map((unit) => {
    const swatch = h("i", { class: unit.code === null ? "swatch nobody" : "swatch" });
    if (unit.code !== null) swatch.style.background = unit.style.fillColor;
    const button = h("button", { type: "button", "aria-pressed": "false" }, swatch, unit.name, h("b", {}, `${number(unit.areas)} 处`));
    button.addEventListener("click", () => {
      alone = alone === unit.place ? null : unit.place;
      areas.only(alone);
      for (const one of list.querySelectorAll("button")) {
        one.setAttribute("aria-pressed", String(one === button && alone !== null));
      }
    });
    return h("li", {}, button);
  });
  list.replaceChildren(...rows);
}
