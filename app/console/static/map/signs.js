// Signs of cases, drawn once and then copied: shapes tell what colours tell.

export const SIDE = 26;
const HALF = SIDE / 2;

/** A picture of a sign for a kind, `r` CSS pixels in radius. */
export function sign({ shape, colour }, r, { ratio, edge = "#fff", emergency = false }) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE * ratio;
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  ctx.translate(HALF, HALF);
  if (emergency) ring(ctx, r + 4, colour);
  outline(ctx, shape, r);
  ctx.fillStyle = colour;
  ctx.fill();
  ctx.lineWidth = 1.4;
  ctx.strokeStyle = edge;
  ctx.stroke();
  if (shape === "tick" || shape === "cross") mark(ctx, shape, r, edge);
  return canvas;
}

function ring(ctx, r, colour) {
  ctx.beginPath();
  ctx.arc(0, 0, r, 0, 2 * Math.PI);
  ctx.lineWidth = 2;
  ctx.strokeStyle = colour;
  ctx.stroke();
}

function outline(ctx, shape, r) {
  ctx.beginPath();
  if (shape === "triangle") corners(ctx, [[0, -r * 1.2], [r * 1.15, r * 0.9], [-r * 1.15, r * 0.9]]);
  else if (shape === "diamond") corners(ctx, [[0, -r * 1.2], [r * 1.2, 0], [0, r * 1.2], [-r * 1.2, 0]]);
  else if (shape === "square") corners(ctx, [[-r, -r], [r, -r], [r, r], [-r, r]]);
  else ctx.arc(0, 0, shape === "dot" ? r * 0.75 : r, 0, 2 * Math.PI);
}

function corners(ctx, points) {
  points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  ctx.closePath();
}

function mark(ctx, shape, r, edge) {
  ctx.beginPath();
  const lines = {
    tick: [[[-0.45, 0.02], [-0.1, 0.38], [0.48, -0.34]]],
    cross: [[[-0.4, -0.4], [0.4, 0.4]], [[-0.4, 0.4], [0.4, -0.4]]],
  }[shape];
  for (const line of lines) line.forEach(([x, y], i) => (i ? ctx.lineTo(x * r, y * r) : ctx.moveTo(x * r, y * r)));
  ctx.lineWidth = Math.max(1.3, r * 0.26);
  ctx.strokeStyle = edge;
  ctx.stroke();
}

/** How many, in a ring that tells how many of each kind. */
export function crowd(ctx, x, y, r, parts, kinds, { back = "#fff", ink = "#14262b", scale = 1 }) {
  const total = parts.reduce((sum, part) => sum + part, 0);
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.fillStyle = back;
  ctx.fill();
  ctx.lineWidth = 5 * scale;
  let from = -Math.PI / 2;
  for (let kind = kinds.length - 1; kind >= 0; kind--) {
    if (!parts[kind]) continue;
    const until = from + (2 * Math.PI * parts[kind]) / total;
    ctx.beginPath();
    ctx.arc(x, y, r - 2.5 * scale, from, until);
    ctx.strokeStyle = kinds[kind].colour;
    ctx.stroke();
    from = until;
  }
  ctx.fillStyle = ink;
  ctx.font = `600 ${(total > 999 ? 11 : 13) * scale}px sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(String(total), x, y + 0.5);
}

const BLUR = 24;
const COLD_TO_HOT = [[0, [255, 237, 160, 0]], [0.25, [254, 178, 76, 150]], [0.6, [240, 59, 32, 200]], [1, [110, 0, 30, 230]]];

/** Colours a canvas whose alpha tells how many cases are near. */
export function heated(ctx, width, height) {
  const image = ctx.getImageData(0, 0, width, height);
  const table = new Uint8ClampedArray(256 * 4);
  for (let i = 0; i < 256; i++) {
    const at = i / 255;
    const next = COLD_TO_HOT.findIndex(([stop]) => stop >= at);
    const [[low, a], [high, b]] = [COLD_TO_HOT[Math.max(0, next - 1)], COLD_TO_HOT[next]];
    const part = high > low ? (at - low) / (high - low) : 0;
    for (let c = 0; c < 4; c++) table[i * 4 + c] = a[c] + (b[c] - a[c]) * part;
  }
  for (let i = 0; i < image.data.length; i += 4) {
    const from = image.data[i + 3] * 4;
    for (let c = 0; c < 4; c++) image.data[i + c] = table[from + c];
  }
  ctx.putImageData(image, 0, 0);
}

/** A soft spot; so many on one another are the hottest. */
export function spot(strength) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = BLUR;
  const ctx = canvas.getContext("2d");
  const shade = ctx.createRadialGradient(BLUR / 2, BLUR / 2, 0, BLUR / 2, BLUR / 2, BLUR / 2);
  shade.addColorStop(0, `rgba(0,0,0,${strength})`);
  shade.addColorStop(1, "rgba(0,0,0,0)");
  ctx.fillStyle = shade;
  ctx.fillRect(0, 0, BLUR, BLUR);
  return canvas;
}
