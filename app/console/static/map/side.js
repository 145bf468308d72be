// Beside the map: the legend that switches kinds on and off, and the cases in sight as a list.

import { KINDS, momentOf } from "./cases.js";
import { byId, h, number } from "./dom.js";
import { sign } from "./signs.js";

const LISTED = 60;

/** A row for each kind: its sign, how many there are, and a box to hide them. */
export function legend(by, counts, hidden, onChange) {
  const kinds = KINDS[by];
  const list = byId("legend");
  const same = list.dataset.by === by && list.children.length === kinds.length;
  if (!same) {
    list.dataset.by = by;
    const rows = kinds.map((kind, place) => row(kind, place, hidden, onChange));
    list.replaceChildren(...rows.reverse());
  }
  for (const box of list.querySelectorAll("input")) {
    box.checked = !hidden.has(Number(box.value));
    box.parentElement.querySelector("b").textContent = number(counts[box.value]);
  }
}

function row(kind, place, hidden, onChange) {
  const box = h("input", { type: "checkbox", value: place });
  box.addEventListener("change", () => {
    if (box.checked) hidden.delete(place);
    else hidden.add(place);
    onChange();
  });
  const picture = sign(kind, 6.5, { ratio: 2 });
  picture.className = "sign";
  picture.setAttribute("aria-hidden", "true");
  return h("li", {}, h("label", {}, box, picture, kind.name, h("b", {})));
}

/** The cases in sight, those first that press most. */
export function inSight(cases, indices, { then, onChoose }) {
  const count = indices.length > LISTED ? `${number(indices.length)} 件，列出 ${LISTED} 件` : `${number(indices.length)} 件`;
  byId("in-sight-count").textContent = then ? `${count}，状态是现在的` : count;
  const items = indices.slice(0, LISTED).map((i) => h("li", {}, entry(cases, i, onChoose)));
  const none = h("li", { class: "none" }, "视野内没有案卷，可以缩小地图或放宽筛选。");
  byId("list").replaceChildren(...(items.length ? items : [none]));
}

function entry(cases, i, onChoose) {
  const states = KINDS.state;
  const due = cases.state[i] ? h("span", { class: `due ${["", "", "soon", "late"][cases.state[i]]}` }, `${states[cases.state[i] + 1].name}，截止 ${momentOf(cases.due[i])}`) : null;
  return h(
    "button",
    { type: "button", "data-number": cases.number[i], onclick: () => onChoose(i) },
    h("b", {}, cases.categories[cases.category[i]], cases.emergency[i] ? " · 突发" : ""),
    h("span", { class: `badge ${cases.statuses[cases.status[i]].code}` }, cases.statuses[cases.status[i]].name),
    h("small", {}, `${cases.number[i]} · ${cases.grids[cases.grid[i]] || "未定网格"}`),
    due,
  );
}
