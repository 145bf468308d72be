// The same cases as a list of links, for those who cannot or would not use the map.

import { byId, h, sign } from "./dom.js";
import { address, follows } from "./state.js";
import { number, since } from "./words.js";

const STEP = 60;

export function item(found) {
  const changes = { number: found.number };
  return h(
    "li",
    {},
    h(
      "a",
      { href: address(changes), onclick: follows(changes), class: "row", "data-number": found.number },
      sign(found.status),
      h("span", { class: "row-what" }, found.category_name),
      h("span", { class: `row-status ${found.status}` }, found.status_label),
      h("span", { class: "row-when" }, since(found.submitted_at, "上报")),
    ),
  );
}

/** Shows the cases, a part at a time. */
export function showList(items) {
  const list = h("ol", { class: "rows" });
  const more = h("button", { type: "button", class: "button wide" });
  let shown = 0;
  const grow = (focused) => {
    const part = items.slice(shown, shown + STEP).map(item);
    list.append(...part);
    shown += part.length;
    more.textContent = `再看 ${Math.min(STEP, items.length - shown)} 件`;
    more.hidden = shown >= items.length;
    if (focused && part.length) part[0].querySelector("a").focus();
  };
  more.addEventListener("click", () => grow(true));
  grow(false);
  byId("list").replaceChildren(list, more);
}

/** One sentence: how many, and of them how many are not done. */
export function counted(items, days, more) {
  const open = items.filter((found) => found.status === "open").length;
  const all = `近 ${days} 天${more ? "较多，只列最新的" : ""} ${number(items.length)} 件`;
  return `${all}，办理中 ${number(open)} 件`;
}
