// One case: a sheet from below on a phone, a panel at the side on a wide screen.

import { byId, failed, h, sign, waiting } from "./dom.js";
import { one } from "./data.js";
import { address, go, state } from "./state.js";
import { between, moment, since } from "./words.js";

const panel = byId("case");
let cameFrom = null;

export const isOpen = () => !panel.hidden;

function closing() {
  const close = () => go({ number: null });
  return h("button", { type: "button", class: "close", "aria-label": "关闭", onclick: close }, "×");
}

function framed(...content) {
  panel.replaceChildren(h("div", { class: "case-bar" }, closing()), h("div", { class: "case-body" }, ...content));
}

export function close() {
  if (panel.hidden) return;
  panel.hidden = true;
  panel.replaceChildren();
  delete document.body.dataset.open;
  const link = cameFrom?.isConnected ? cameFrom : null;
  if (link && link.offsetParent) link.focus();
  cameFrom = null;
}

/** Shows a case; `shown` is called with it once it is there. */
export async function open(number, shown) {
  if (panel.hidden) cameFrom = document.activeElement;
  panel.hidden = false;
  document.body.dataset.open = "";
  framed(waiting());
  panel.focus({ preventScroll: true });
  try {
    const found = await one(number);
    if (state.number !== number) return;
    framed(...content(found));
    panel.scrollTop = 0;
    panel.setAttribute("aria-label", `案卷：${found.category_name}`);
    shown(found);
  } catch (error) {
    if (state.number !== number) return;
    if (error.status === 404) framed(missing());
    else framed(failed(error, () => open(number, shown)));
  }
}

function missing() {
  const back = () => go({ number: null });
  return h(
    "div",
    { class: "notice" },
    h("h2", {}, "看不到这件案卷"),
    h("p", {}, "编号不对，或者这件案卷不公开。涉及他人隐私的、已撤回的和并入别处的案卷都不公开。"),
    h("button", { type: "button", class: "button", onclick: back }, "看其他案卷"),
  );
}

function content(found) {
  return [
    h(
      "header",
      { class: "case-head" },
      h("p", { class: `badge ${found.status}` }, sign(found.status), found.status_label),
      h("h2", {}, found.category_name),
      h("p", { class: "case-now" }, found.status_words),
      h("p", { class: "case-sum" }, summary(found)),
    ),
    words(found),
    pictures(found),
    facts(found),
    timeline(found),
    h(
      "p",
      { class: "case-foot" },
      h("a", { href: address({ number: found.number, view: "map" }) }, "本案链接"),
      h("a", { href: `/public/cases/${encodeURIComponent(found.number)}.json` }, "数据"),
    ),
  ];
}

function summary(found) {
  const came = since(found.submitted_at, "上报");
  if (found.status === "closed" && !found.closed_at) return came;
  if (!found.closed_at) return `${came}，已过 ${between(found.submitted_at, new Date())}`;
  return `${came}，${between(found.submitted_at, found.closed_at)}后办结`;
}

function words(found) {
  if (found.description) return h("blockquote", {}, found.description);
  return h("p", { class: "quiet" }, "市民的描述没有公开：匿名上报的，或者还没有通过审核的，都不公开。");
}

function pictures(found) {
  const { before, after } = found.photos;
  if (!before.length && !after.length) return null;
  return pair(before, after, found.status === "closed" ? "还没有公开的照片" : "办好后会有照片");
}

/** Pictures before and after beside each other; each opens whole. */
export function pair(before, after, noneAfter) {
  return h(
    "div",
    { class: "pair" },
    column("处置前", before, "没有公开的照片"),
    column("处置后", after, noneAfter),
  );
}

function column(title, urls, none) {
  const photos = urls.map((url, i) => photo(url, urls.length > 1 ? `${title}照片 ${i + 1}` : `${title}照片`));
  return h(
    "figure",
    {},
    h("figcaption", {}, title),
    ...(photos.length ? photos : [h("p", { class: "no-photo" }, none)]),
  );
}

function photo(url, alt) {
  const image = h("img", { src: url, alt, loading: "lazy", decoding: "async", width: 4, height: 3 });
  const link = h("a", { href: url, target: "_blank", rel: "noopener" }, image);
  image.addEventListener("error", () => link.replaceWith(h("p", { class: "no-photo" }, "照片打不开")));
  return link;
}

function facts(found) {
  const place = found.address ?? found.grid_name;
  const rows = [
    ["地点", found.approximate ? `${found.grid_name}（只公开大致位置）` : place],
    ["网格", found.address && !found.approximate ? found.grid_name : null],
    ["承办单位", found.unit_name],
    ["编号", found.number],
  ];
  return h(
    "dl",
    { class: "facts" },
    ...rows.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

function timeline(found) {
  const steps = found.timeline.map((step, i) =>
    h(
      "li",
      { class: i === found.timeline.length - 1 ? `last ${found.status}` : null },
      h("span", {}, step.status_label),
      h("time", { datetime: step.at }, moment(step.at)),
    ),
  );
  return h("section", { class: "steps" }, h("h3", {}, "办理经过"), h("ol", {}, ...steps));
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isOpen()) go({ number: null });
});
