// Charts drawn as SVG at the width they have, with the same content as text.

import { h, svg } from "./dom.js";
import { month, number } from "./words.js";

const HEIGHT = 220;
const FOOT = 28;
const HEAD = 18;

/** Two bars for every month. */
export function trend(months) {
  const box = h("div", { class: "trend" });
  const draw = () => {
    if (box.clientWidth) box.replaceChildren(drawn(months, box.clientWidth));
  };
  new ResizeObserver(draw).observe(box);
  return box;
}

function said(months) {
  const each = months.map((m) => `${month(m.month, true)}上报 ${m.reported} 件、办结 ${m.closed} 件`);
  return `每月上报和办结：${each.join("；")}。`;
}

function drawn(months, width) {
  const most = Math.max(4, ...months.flatMap((m) => [m.reported, m.closed]));
  const top = nice(most);
  const y = (value) => HEIGHT - FOOT - (value / top) * (HEIGHT - FOOT - HEAD);
  const step = width / months.length;
  const bar = Math.max(4, Math.min(18, step * 0.34));
  const lines = [0, top / 2, top].map((value) => [
    svg("line", { x1: 0, x2: width, y1: y(value), y2: y(value), class: value ? "rule" : "base" }),
    value ? svg("text", { x: 0, y: y(value) - 4, class: "tick" }, number(value)) : null,
  ]);
  const columns = months.map((one, i) => {
    const middle = step * (i + 0.5);
    const name = month(one.month).replace(" ", "");
    const shown = width > 560 || (months.length - 1 - i) % 3 === 0;
    return [
      rect(middle - bar - 0.5, y(one.reported), bar, HEIGHT - FOOT, "reported"),
      rect(middle + 0.5, y(one.closed), bar, HEIGHT - FOOT, "closed"),
      shown ? svg("text", { x: middle, y: HEIGHT - 8, class: "name" }, name) : null,
    ];
  });
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": said(months) },
    ...lines.flat(),
    ...columns.flat(),
  );
}

function rect(x, y, width, foot, name) {
  return svg("rect", { x, y, width, height: Math.max(0, foot - y), class: name, rx: 1.5 });
}

/** The next round number that can be halved. */
function nice(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 6, 8, 10].map((n) => n * power).find((n) => n >= most);
}

/** A row for each part: how many came, and how many of them as a bar. */
export function bars(title, parts) {
  const most = Math.max(1, ...parts.map((part) => part.reported));
  const row = (part) =>
    h(
      "li",
      {},
      h("span", { class: "bar-name" }, part.name),
      h("span", { class: "bar-value" }, h("b", {}, number(part.reported)), " 件，办结 ", number(part.closed)),
      svg(
        "svg",
        { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true", class: "bar" },
        svg("rect", { width: 100, height: 6, class: "track" }),
        svg("rect", { width: (part.reported / most) * 100, height: 6, class: "reported" }),
        svg("rect", { width: (Math.min(part.closed, part.reported) / most) * 100, height: 6, class: "closed" }),
      ),
    );
  const none = h("p", { class: "quiet" }, "这段时间还没有上报。");
  return h("div", {}, h("h3", {}, title), parts.length ? h("ul", { class: "bars" }, ...parts.map(row)) : none);
}
