// Where open cases are, and how they stand, on the district's own boundaries.

import { Areas } from "../map/areas.js";
import { projected } from "../map/cases.js";
import { h, number } from "../map/dom.js";
import { CaseLayer } from "../map/layer.js";
import { sign } from "../map/signs.js";

const L = globalThis.L;
const DARK = { edge: "#0a171c", back: "#10242b", ink: "#e8f1f2" };
const KINDS = [
  { name: "不计时", shape: "dot", colour: "#93a8ae" },
  { name: "时间充足", shape: "circle", colour: "#6cb8ff" },
  { name: "即将到期", shape: "diamond", colour: "#ffc857" },
  { name: "已超期", shape: "triangle", colour: "#ff8a70" },
];
const styles = (scale) => ({
  street: { color: "#6f8e97", weight: 2.5 * scale, fillColor: "#16313a", fillOpacity: 1 },
  community: { color: "#45626b", weight: 1.2 * scale, fill: false },
});
/** How much larger than on a screen of 1920 pixels everything is. */
const scale = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
const RETRY_MS = 30_000;

export class WallMap {
  constructor(element, legend) {
    this.legend = legend;
    this.map = L.map(element, {
      zoomControl: false,
      attributionControl: false,
      zoomSnap: 0,
      dragging: false,
      keyboard: false,
      scrollWheelZoom: false,
      doubleClickZoom: false,
      boxZoom: false,
      touchZoom: false,
      fadeAnimation: false,
      zoomAnimation: false,
    }).setView([35, 105], 9);
    element.tabIndex = -1;
    element.setAttribute("role", "img");
    this.areas = new Areas(this.map, { tiled: false, styles: styles(scale()) });
    this.map.createPane("cases").style.zIndex = 450;
    this.layer = new CaseLayer({ pane: "cases", size: 7, ...DARK }).addTo(this.map);
    new ResizeObserver(() => {
      this.map.invalidateSize({ animate: false });
      this.fit();
    }).observe(element);
    this.draw();
  }

  async draw() {
    try {
      await this.areas.show(["street", "community"]);
      this.fit();
    } catch {
      setTimeout(() => this.draw(), RETRY_MS);
    }
  }

  fit() {
    const bounds = this.areas.bounds();
    if (bounds.isValid()) this.map.fitBounds(bounds, { padding: [8, 8], animate: false });
  }

  show(cases) {
    const length = cases.x.length;
    const columns = { ...projected(cases), kinds: cases.state, emergency: cases.emergency };
    this.layer.options.scale = scale();
    this.layer.setCases({ ...columns, length, isShown: new Uint8Array(length).fill(1) }, KINDS);
    const counts = KINDS.map((_, kind) => cases.state.filter((state) => state === kind).length);
    const amount = (kind) => (cases.more ? "" : ` ${number(counts[kind])}`); // of a part they say nothing
    const said = KINDS.map(({ name }, kind) => `${name}${amount(kind)}`).reverse();
    this.map.getContainer().setAttribute("aria-label", `在办案卷分布：${said.join("，")}`);
    const rows = KINDS.map((kind, place) => {
      const picture = sign(kind, 6.5, { ratio: 3, edge: DARK.edge });
      picture.setAttribute("aria-hidden", "true");
      return h("li", {}, picture, `${kind.name}${amount(place)}`);
    });
    this.legend.replaceChildren(...rows.reverse());
  }
}
