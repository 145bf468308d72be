// The map: boundaries, and a sign for every case on one canvas.

import { areas } from "./data.js";
import { h } from "./dom.js";

const L = globalThis.L;
const TOUCH_PX = 24;
const COLOUR = { open: "#b3420f", closed: "#1d6b57" };
const BORDERS = {
  street: { color: "#5d6f6b", weight: 2, fillColor: "#fbfaf5", fillOpacity: 1 },
  community: { color: "#a9b0a8", weight: 1, fill: false },
  grid: { color: "#c9ccc3", weight: 1, dashArray: "3 4", fill: false },
};
const GRIDS_FROM_ZOOM = 16;
const COMMUNITY_NAMES_FROM_ZOOM = 14;

L.Canvas.include({
  _updateCaseSign(layer) {
    if (!this._drawing || layer._empty()) return;
    const ctx = this._ctx;
    const { x, y } = layer._point;
    const r = layer.options.chosen ? 12 : layer.options.size;
    ctx.beginPath();
    if (layer.options.status === "open") {
      ctx.moveTo(x, y - r * 1.2);
      ctx.lineTo(x + r * 1.2, y);
      ctx.lineTo(x, y + r * 1.2);
      ctx.lineTo(x - r * 1.2, y);
      ctx.closePath();
    } else {
      ctx.arc(x, y, r, 0, 2 * Math.PI);
    }
    ctx.fillStyle = COLOUR[layer.options.status];
    ctx.fill();
    ctx.lineWidth = layer.options.chosen ? 3 : 1.5;
    ctx.strokeStyle = layer.options.chosen ? "#13262a" : "#fff";
    ctx.stroke();
    if (layer.options.status === "closed") {
      ctx.beginPath();
      ctx.moveTo(x - r * 0.45, y + r * 0.02);
      ctx.lineTo(x - r * 0.1, y + r * 0.38);
      ctx.lineTo(x + r * 0.48, y - r * 0.34);
      ctx.lineWidth = Math.max(1.5, r * 0.26);
      ctx.strokeStyle = "#fff";
      ctx.stroke();
    }
  },
});

const CaseSign = L.CircleMarker.extend({
  _updatePath() {
    this._renderer._updateCaseSign(this);
  },
});

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
    this.signs = new Map();
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
    if (level !== "grid") {
      layer.eachLayer((area) => {
        const name = document.createTextNode(area.feature.properties.name);
        const label = { permanent: true, direction: "center", className: `area-name ${level}`, pane: "names" };
        area.bindTooltip(h("span", {}, name), label);
      });
    }
    this.borders[level] = layer;
    return layer;
  }

  zoomed() {
    const zoom = this.map.getZoom();
    const box = this.map.getContainer();
    box.classList.toggle("near", zoom >= COMMUNITY_NAMES_FROM_ZOOM);
    if (zoom >= GRIDS_FROM_ZOOM && !this.borders.grid) {
      this.borders.grid = {};
      areas("grid").then(
        (found) => this.addBorders("grid", found),
        () => delete this.borders.grid,
      );
    }
    const size = this.size();
    for (const sign of this.signs.values()) sign.options.size = size;
    if (this.canvas._ctx) this.canvas._redraw();
  }

  size() {
    return Math.min(10, Math.max(5.5, this.map.getZoom() - 7.5));
  }

  showCases(items, chosen) {
    this.drawn.clearLayers();
    this.signs.clear();
    const size = this.size();
    // What is still open is drawn last, on top; among equals the newest is.
    const ordered = [...items].reverse().sort((a, b) => (a.status < b.status ? -1 : a.status > b.status));
    for (const item of ordered) {
      const options = { renderer: this.canvas, pane: "cases", interactive: false, radius: 12, size };
      const sign = new CaseSign([item.latitude, item.longitude], { ...options, status: item.status });
      this.signs.set(item.number, sign);
      this.drawn.addLayer(sign);
    }
    this.choose(chosen);
  }

  /** Marks a case; `item` where it may be one that the filter leaves out. */
  choose(number, item) {
    if (this.chosen) {
      this.chosen.options.chosen = false;
      this.chosen.redraw();
      if (this.extra) this.extra.remove();
    }
    this.chosen = this.extra = undefined;
    if (item && !this.signs.has(number)) {
      const options = { renderer: this.canvas, pane: "cases", interactive: false, radius: 12 };
      const size = this.size();
      this.extra = new CaseSign([item.latitude, item.longitude], { ...options, size, status: item.status });
      this.extra.addTo(this.map);
    }
    this.chosen = this.extra ?? this.signs.get(number);
    if (!this.chosen) return;
    this.chosen.options.chosen = true;
    this.chosen.bringToFront();
    this.chosen.redraw();
  }

  /** Moves so that the chosen case lies in what a panel leaves free, in pixels from each side. */
  reveal(item, { right = 0, bottom = 0 }) {
    const at = L.latLng(item.latitude, item.longitude);
    const size = this.map.getSize();
    const point = this.map.latLngToContainerPoint(at);
    const free = { x: size.x - right, y: size.y - bottom };
    const inside = point.x > 40 && point.y > 40 && point.x < free.x - 40 && point.y < free.y - 30;
    if (inside) return;
    this.map.panBy([point.x - free.x / 2, point.y - free.y / 2], { animate: !this.calm });
  }

  nearest(point, within) {
    let best = null;
    let distance = within;
    for (const [number, sign] of this.signs) {
      const away = this.map.latLngToContainerPoint(sign.getLatLng()).distanceTo(point);
      if (away <= distance) [best, distance] = [number, away];
    }
    return best;
  }

  chosenAt(point) {
    const number = this.nearest(point, TOUCH_PX);
    if (number) this.onChoose(number);
  }
}
