// Signs on the map's canvas: one for a case, and one for a crowd of them.

const L = globalThis.L;
const COLOUR = { open: "#b3420f", closed: "#1d6b57" };
const INK = "#14262b";
const CELL_PX = 52;
const CROWD = 4;
const CROWDED = 500; // with fewer on the map, each is shown by itself

L.Canvas.include({
  _updateCaseSign(layer) {
    if (!this._drawing || layer._empty()) return;
    const { status, chosen, size } = layer.options;
    drawCase(this._ctx, layer._point, chosen ? 12 : size, status, chosen);
  },
  _updateCrowdSign(layer) {
    if (!this._drawing || layer._empty()) return;
    drawCrowd(this._ctx, layer._point, layer.options);
  },
});

export const CaseSign = L.CircleMarker.extend({
  _updatePath() {
    this._renderer._updateCaseSign(this);
  },
});

export const CrowdSign = L.CircleMarker.extend({
  _updatePath() {
    this._renderer._updateCrowdSign(this);
  },
});

/** Open ones are diamonds, closed ones circles with a tick. */
function drawCase(ctx, { x, y }, r, status, chosen) {
  ctx.beginPath();
  if (status === "open") {
    ctx.moveTo(x, y - r * 1.2);
    ctx.lineTo(x + r * 1.2, y);
    ctx.lineTo(x, y + r * 1.2);
    ctx.lineTo(x - r * 1.2, y);
    ctx.closePath();
  } else {
    ctx.arc(x, y, r, 0, 2 * Math.PI);
  }
  ctx.fillStyle = COLOUR[status];
  ctx.fill();
  ctx.lineWidth = chosen ? 3 : 1.5;
  ctx.strokeStyle = chosen ? INK : "#fff";
  ctx.stroke();
  if (status !== "closed") return;
  ctx.beginPath();
  ctx.moveTo(x - r * 0.45, y + r * 0.02);
  ctx.lineTo(x - r * 0.1, y + r * 0.38);
  ctx.lineTo(x + r * 0.48, y - r * 0.34);
  ctx.lineWidth = Math.max(1.5, r * 0.26);
  ctx.strokeStyle = "#fff";
  ctx.stroke();
}

/** How many, in a ring that tells the part of them that is open. */
function drawCrowd(ctx, { x, y }, { radius, count, open }) {
  const from = -Math.PI / 2;
  const until = from + (2 * Math.PI * open) / count;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = "#fff";
  ctx.fill();
  for (const [colour, begin, end] of [
    [COLOUR.closed, until, from + 2 * Math.PI],
    [COLOUR.open, from, until],
  ]) {
    ctx.beginPath();
    ctx.arc(x, y, radius - 2, begin, end);
    ctx.lineWidth = 4;
    ctx.strokeStyle = colour;
    ctx.stroke();
  }
  ctx.fillStyle = INK;
  ctx.font = "600 12px sans-serif";
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(String(count), x, y + 0.5);
}

/** Cases by squares of the screen where they are many: crowds, and those that stand alone.
 * `place` gives the pixel of a case at this zoom. */
export function gathered(items, place) {
  if (items.length <= CROWDED) return { crowds: [], alone: items };
  const cells = new Map();
  for (const item of items) {
    const point = place(item);
    const key = `${Math.floor(point.x / CELL_PX)},${Math.floor(point.y / CELL_PX)}`;
    if (cells.has(key)) cells.get(key).push(item);
    else cells.set(key, [item]);
  }
  const groups = [...cells.values()];
  return {
    crowds: groups.filter((group) => group.length >= CROWD),
    alone: groups.filter((group) => group.length < CROWD).flat(),
  };
}
