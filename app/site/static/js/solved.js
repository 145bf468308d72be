// What was put right: pictures before and after, the last closed first.

import { pair } from "./case.js";
import { solved } from "./data.js";
import { byId, empty, failed, h, waiting } from "./dom.js";
import { address, follows } from "./state.js";
import { between, since } from "./words.js";

let done = false;

export async function showSolved() {
  if (done) return;
  const place = byId("solved");
  place.replaceChildren(heading(), waiting());
  try {
    const items = await solved();
    done = true;
    place.replaceChildren(heading(), items.length ? h("ul", { class: "gallery" }, ...items.map(card)) : none());
  } catch (error) {
    place.replaceChildren(heading(), failed(error, showSolved));
  }
}

function heading() {
  return h(
    "header",
    { class: "page-head" },
    h("h2", {}, "处置前后"),
    h("p", {}, "最近办结的案卷，左边是上报时，右边是办结后。"),
  );
}

function none() {
  const changes = { view: "list", status: "closed" };
  const link = h("a", { class: "button", href: address(changes), onclick: follows(changes) }, "看已办结的案卷");
  return empty("还没有对照照片", "照片要经人工放行才公开。有了前后都放行的案卷，就会出现在这里。", link);
}

function card(found) {
  const changes = { number: found.number };
  const [before, after] = [found.photos.before.slice(0, 1), found.photos.after.slice(-1)];
  return h(
    "li",
    { class: "card" },
    pair(before, after, ""),
    h(
      "a",
      { class: "card-words", href: address(changes), onclick: follows(changes) },
      h("strong", {}, found.category_name),
      h("span", {}, found.grid_name),
      h("span", {}, `${since(found.closed_at, "办结")}，用了 ${between(found.submitted_at, found.closed_at)}`),
    ),
  );
}
