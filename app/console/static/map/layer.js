// All cases on one canvas: as crowds, one by one, or as heat. Moving the map moves the canvas; it
// is drawn anew when the map comes to rest.

import { SIDE, crowd, heated, sign, spot } from "./signs.js";

const L = globalThis.L;
const CELL_PX = 68;
const CROWD = 4;
const APART_FROM_ZOOM = 18; // as close as this, every case is shown by itself
const HEAT_SCALE = 0.25;
const SPOT_HALF = 12;
const HEAT_CELL_PX = 48;

export const CaseLayer = L.Renderer.extend({
  options: { padding: 0.25, show: "crowds", edge: "#fff", back: "#fff", ink: "#14262b", size: null, scale: 1 },

  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.setAttribute("aria-hidden", "true");
  },

  _destroyContainer() {
    this._container.remove();
    delete this._container;
  },

  _updatePaths() {},

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    Object.assign(this, { ratio, size });
    this._container.width = size.x * ratio;
    this._container.height = size.y * ratio;
    this._container.style.width = `${size.x}px`;
    this._container.style.height = `${size.y}px`;
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this.draw();
  },

  /** Shows cases, as `Cases.sort` left them, with the kinds they are of. */
  setCases(cases, kinds) {
    Object.assign(this, { cases, kinds });
    if (this._map) this.draw();
  },

  setShow(show) {
    this.options.show = show;
    if (this._map) this.draw();
  },

  /** Marks one case; null for none. */
  choose(index) {
    this.chosen = index;
    if (this._map) this.draw();
  },

  draw() {
    const { x: width, y: height } = this.size;
    const ctx = this._container.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this._container.width, this._container.height);
    this.crowds = [];
    if (!this.cases) return;
    ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.place();
    if (this.options.show === "heat") this.drawHeat(ctx, width, height);
    else if (this.options.show === "crowds" && this._zoom < APART_FROM_ZOOM) this.drawCrowds(ctx);
    else this.drawSigns(ctx, this.seen);
    if (this.chosen != null && this.cases.isShown[this.chosen]) this.drawChosen(ctx);
  },

  /** Puts every case that is in sight on the canvas: `px`, `py` by index, and `seen`. */
  place() {
    const { worldX, worldY, isShown, length } = this.cases;
    const scale = 2 ** this._zoom;
    const origin = this._map.getPixelOrigin();
    const left = origin.x + this._bounds.min.x;
    const top = origin.y + this._bounds.min.y;
    if (this.px?.length !== length) {
      this.px = new Float32Array(length);
      this.py = new Float32Array(length);
    }
    this.corner = { left, top };
    this.seen = [];
    for (let i = 0; i < length; i++) {
      if (!isShown[i]) continue;
      const x = (this.px[i] = worldX[i] * scale - left);
      const y = (this.py[i] = worldY[i] * scale - top);
      if (x > -20 && y > -20 && x < this.size.x + 20 && y < this.size.y + 20) this.seen.push(i);
    }
  },

  radius() {
    return this.options.size ?? Math.min(8.5, Math.max(5.5, this._zoom - 8.5));
  },

  drawSigns(ctx, indices) {
    const r = this.radius();
    const { edge, scale } = this.options;
    const pictures = this.kinds.map((kind) =>
      [false, true].map((emergency) => sign(kind, r, { ratio: this.ratio * scale, edge, emergency })),
    );
    const side = SIDE * scale;
    const { kinds, emergency } = this.cases;
    for (let kind = 0; kind < this.kinds.length; kind++) {
      for (const i of indices) {
        if (kinds[i] !== kind) continue;
        ctx.drawImage(pictures[kind][emergency[i]], this.px[i] - side / 2, this.py[i] - side / 2, side, side);
      }
    }
  },

  drawCrowds(ctx) {
    const { left, top } = this.corner;
    const side = CELL_PX * this.options.scale;
    const cells = new Map();
    for (const i of this.seen) {
      const column = Math.floor((this.px[i] + left) / side);
      const key = column * 4194304 + Math.floor((this.py[i] + top) / side);
      const cell = cells.get(key);
      if (cell) cell.push(i);
      else cells.set(key, [i]);
    }
    const alone = [];
    for (const cell of cells.values()) {
      if (cell.length < CROWD) alone.push(...cell);
      else this.crowds.push(this.crowdOf(cell));
    }
    this.drawSigns(ctx, alone);
    for (const one of this.crowds) crowd(ctx, one.x, one.y, one.r, one.parts, this.kinds, this.options);
    this.seen = alone;
  },

  crowdOf(cell) {
    const parts = this.kinds.map(() => 0);
    let [x, y] = [0, 0];
    for (const i of cell) {
      x += this.px[i];
      y += this.py[i];
      parts[this.cases.kinds[i]]++;
    }
    const r = Math.min(26, 14 + 2 * Math.log2(cell.length / CROWD)) * this.options.scale;
    return { x: x / cell.length, y: y / cell.length, r, parts, indices: cell };
  },

  drawHeat(ctx, width, height) {
    const small = (this.small ??= document.createElement("canvas"));
    small.width = Math.ceil(width * HEAT_SCALE);
    small.height = Math.ceil(height * HEAT_SCALE);
    const heat = small.getContext("2d", { willReadFrequently: true });
    const picture = spot(Math.min(0.35, Math.max(0.02, 1.2 / this.busiest())));
    for (const i of this.seen) {
      heat.drawImage(picture, this.px[i] * HEAT_SCALE - SPOT_HALF, this.py[i] * HEAT_SCALE - SPOT_HALF);
    }
    heated(heat, small.width, small.height);
    ctx.imageSmoothingEnabled = true;
    ctx.drawImage(small, 0, 0, width, height);
    this.seen = [];
  },

  /** How many cases lie in the busiest square in sight: there it is the hottest. */
  busiest() {
    const cells = new Map();
    let most = 1;
    for (const i of this.seen) {
      const key = Math.floor(this.px[i] / HEAT_CELL_PX) * 65536 + Math.floor(this.py[i] / HEAT_CELL_PX);
      const count = (cells.get(key) ?? 0) + 1;
      cells.set(key, count);
      if (count > most) most = count;
    }
    return most;
  },

  drawChosen(ctx) {
    ctx.beginPath();
    ctx.arc(this.px[this.chosen], this.py[this.chosen], this.radius() + 7, 0, 2 * Math.PI);
    ctx.lineWidth = 3;
    ctx.strokeStyle = this.options.ink;
    ctx.stroke();
  },

  /** What lies next to a point of the map's element: a case's index, or a crowd; null for nothing. */
  at(point, within) {
    if (!this.cases || !this.seen) return null;
    const { x, y } = this._map.containerPointToLayerPoint(point).subtract(this._bounds.min);
    for (const one of this.crowds) if (Math.hypot(one.x - x, one.y - y) <= one.r) return { crowd: one };
    let [best, distance] = [null, within];
    for (const i of this.seen) {
      const away = Math.hypot(this.px[i] - x, this.py[i] - y);
      if (away <= distance) [best, distance] = [{ index: i }, away];
    }
    return best;
  },
});
