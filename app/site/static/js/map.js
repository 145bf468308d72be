// The map: boundaries, and a sign for every case on one canvas.

import { areas } from "./data.js";
import { h } from "./dom.js";
import { CaseSign, CrowdSign, gathered } from "./signs.js";

const L = globalThis.L;
const TOUCH_PX = 24;
const BORDERS = {
  street: { color: "#5d6f6b", weight: 2, fillColor: "#fbfaf5", fillOpacity: 1 },
  community: { color: "#a9b0a8", weight: 1, fill: false },
  grid: { color: "#c9ccc3", weight: 1, dashArray: "3 4", fill: false },
};
const GRIDS_FROM_ZOOM = 16;
const COMMUNITY_NAMES_FROM_ZOOM = 14;

export class CaseMap {
  constructor(element, { tileUrl, tileAttribution, onChoose }) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map = L.map(element, {
      zoomControl: false,
      attributionControl: Boolean(tileUrl),
      zoomSnap: 0.25,
      minZoom: 9,
      maxZoom: 19,
      zoomAnimation: !calm,
      fadeAnimation: !calm,
      markerZoomAnimation: !calm,
      inertia: !calm,
    });
    this.calm = calm;
    this.tiled = Boolean(tileUrl);
    this.onChoose = onChoose;
    this.items = [];
    this.signs = new Map();
    this.crowds = [];
    this.borders = {};
    for (const [pane, order] of [["land", 340], ["names", 360], ["cases", 450]]) {
      this.map.createPane(pane).style.zIndex = order;
    }
    this.map.getPane("land").style.pointerEvents = "none";
    this.map.getPane("names").style.pointerEvents = "none";
    this.drawn = L.layerGroup().addTo(this.map);
    this.canvas = L.canvas({ pane: "cases", padding: 0.3 });
    if (tileUrl) {
      const attribution = tileAttribution.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
      L.tileLayer(tileUrl, { attribution, maxZoom: 19 }).addTo(this.map);
      this.map.attributionControl.setPrefix(false);
    }
    L.control.zoom({ position: "bottomright", zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(this.map);
    element.setAttribute("aria-label", "案卷地图，方向键移动，加减号缩放；同样的案卷在列表里");
    element.setAttribute("role", "region");
    this.map.setView([35, 105], 9);
    this.map.on("click", (event) => this.chosenAt(event.containerPoint));
    this.map.on("mousemove", (event) => {
      element.classList.toggle("over-case", Boolean(this.nearest(event.containerPoint, 12)));
    });
    this.map.on("zoomend", () => this.zoomed());
  }

  /** Draws the boundaries and shows all of them. */
  async showAreas() {
    const [streets, communities] = await Promise.all([areas("street"), areas("community")]);
    const found = this.addBorders("street", streets);
    this.addBorders("community", communities);
    this.map.setMaxZoom(19);
    this.bounds = found.getBounds();
    if (this.bounds.isValid()) this.showAll();
    this.zoomed();
    return this.bounds.isValid();
  }

  showAll() {
    this.map.fitBounds(this.bounds, { padding: [12, 12], animate: false });
  }

  addBorders(level, found) {
    this.land ??= L.canvas({ pane: "land", padding: 0.5 });
    const style = { ...BORDERS[level], renderer: this.land, pane: "land", interactive: false };
    if (this.tiled) style.fill = false;
    const layer = L.geoJSON(found, { style, interactive: false }).addTo(this.map);
    layer.eachLayer((area) => {
      const label = { permanent: true, direction: "center", className: `area-name ${level}`, pane: "names" };
      area.bindTooltip(h("span", {}, area.feature.properties.name), label);
    });
    this.borders[level] = layer;
    return layer;
  }

  zoomed() {
    const zoom = this.map.getZoom();
    const fine = zoom >= COMMUNITY_NAMES_FROM_ZOOM ? "community" : "street";
    this.map.getContainer().dataset.names = zoom >= GRIDS_FROM_ZOOM ? "grid" : fine;
    if (zoom >= GRIDS_FROM_ZOOM && !this.borders.grid) {
      this.borders.grid = {};
      areas("grid").then(
        (found) => this.addBorders("grid", found),
        () => delete this.borders.grid,
      );
    }
    this.draw();
  }

  size() {
    return Math.min(10, Math.max(5.5, this.map.getZoom() - 7.5));
  }

  showCases(items, chosen) {
    this.items = items;
    this.draw();
    this.choose(chosen);
  }

  /** Puts the signs of all cases on the canvas, crowds as one sign where there are very many. */
  draw() {
    const number = this.chosen?.options.item.number;
    this.drawn.clearLayers();
    this.signs.clear();
    const { crowds, alone } = gathered(this.items, (item) => this.map.project(at(item)));
    this.crowds = crowds.map((group) => this.crowd(group));
    // What is still open is drawn last, on top; among equals the newest is.
    const rank = (item) => (item.status === "open" ? 1 : 0);
    for (const item of [...alone].reverse().sort((a, b) => rank(a) - rank(b))) {
      const sign = this.sign(item);
      this.signs.set(item.number, sign);
      this.drawn.addLayer(sign);
    }
    if (number) this.choose(number, this.chosen.options.item);
  }

  sign(item) {
    const options = { renderer: this.canvas, pane: "cases", interactive: false, radius: 12 };
    return new CaseSign(at(item), { ...options, size: this.size(), status: item.status, item });
  }

  crowd(group) {
    const mean = (name) => group.reduce((sum, item) => sum + item[name], 0) / group.length;
    const options = { renderer: this.canvas, pane: "cases", interactive: false };
    const open = group.filter((item) => item.status === "open").length;
    const radius = Math.min(22, 13 + 2 * Math.log2(group.length / 4));
    const place = [mean("latitude"), mean("longitude")];
    return new CrowdSign(place, { ...options, radius, open, count: group.length }).addTo(this.drawn);
  }

  /** Marks a case; `item` where it may be one that the filter leaves out. */
  choose(number, item) {
    if (this.chosen) {
      this.chosen.options.chosen = false;
      this.extra?.remove();
      if (this.chosen !== this.extra && this.drawn.hasLayer(this.chosen)) this.chosen.redraw();
    }
    this.chosen = this.extra = undefined;
    if (item && !this.signs.has(number)) this.extra = this.sign(item).addTo(this.map);
    this.chosen = this.extra ?? this.signs.get(number);
    if (!this.chosen) return;
    this.chosen.options.chosen = true;
    this.chosen.bringToFront();
    this.chosen.redraw();
  }

  /** Moves so that the chosen case lies in what a panel leaves free, in pixels from each side. */
  reveal(item, { right = 0, bottom = 0 }) {
    const size = this.map.getSize();
    const point = this.map.latLngToContainerPoint(at(item));
    const free = { x: size.x - right, y: size.y - bottom };
    const inside = point.x > 40 && point.y > 40 && point.x < free.x - 40 && point.y < free.y - 30;
    if (inside) return;
    this.map.panBy([point.x - free.x / 2, point.y - free.y / 2], { animate: !this.calm });
  }

  /** The sign next to a point of the screen, within so many pixels. */
  nearest(point, within) {
    let best = null;
    let distance = within;
    for (const sign of [...this.signs.values(), ...this.crowds]) {
      const away = this.map.latLngToContainerPoint(sign.getLatLng()).distanceTo(point);
      if (away <= distance) [best, distance] = [sign, away];
    }
    return best;
  }

  chosenAt(point) {
    const found = this.nearest(point, TOUCH_PX);
    if (found?.options.item) this.onChoose(found.options.item.number);
    else if (found) this.map.setView(found.getLatLng(), this.map.getZoom() + 2, { animate: !this.calm });
  }
}

const at = (item) => L.latLng(item.latitude, item.longitude);
