// Puts the parts together: what the address says is what is shown.

import * as panel from "./case.js";
import { cases } from "./data.js";
import { byId, empty, failed, h, waiting } from "./dom.js";
import { counted, showList } from "./list.js";
import { CaseMap } from "./map.js";
import { showSolved } from "./solved.js";
import { address, follows, go, state, watch } from "./state.js";
import { showStats } from "./stats.js";
import { number } from "./words.js";

const wide = matchMedia("(min-width: 1000px)");
const filters = document.querySelector(".filters");
const note = byId("map-note");
const { tileUrl, tileAttribution } = document.body.dataset;
let map = null;
let loaded = null;
let asked = 0;
let lasting = null; // what is wrong with the map itself

function categories() {
  if (!state.category) return [];
  if (!state.category.startsWith("group:")) return [state.category];
  const group = filters.querySelector(`[data-group="${CSS.escape(state.category.slice(6))}"]`);
  const codes = [...(group?.children ?? [])].map((option) => option.value);
  return codes.filter((code) => !code.startsWith("group:"));
}

function noted(...content) {
  const shown = content.length || !lasting ? content : [lasting];
  note.replaceChildren(...shown);
  note.hidden = !shown.length;
}

async function load() {
  const key = [state.status, state.category, state.days].join();
  if (loaded === key) return;
  loaded = key;
  const turn = ++asked;
  noted(waiting());
  byId("count").textContent = "正在读取…";
  try {
    const found = await cases({ ...state, categories: categories() });
    if (turn === asked) shown(found);
  } catch (error) {
    if (turn !== asked) return;
    loaded = null;
    noted(failed(error, again));
    byId("count").textContent = "";
    byId("list").replaceChildren(failed(error, again));
  }
}

function shown({ items, more }) {
  map?.showCases(items, state.number);
  byId("count").textContent = counted(items, state.days, more);
  const open = items.filter((item) => item.status === "open").length;
  byId("open-count").textContent = number(open);
  byId("closed-count").textContent = number(items.length - open);
  if (items.length) {
    showList(items);
    noted(...(more ? [h("p", {}, `案卷较多，只显示最新的 ${items.length} 件`)] : []));
  } else {
    noted(none());
    byId("list").replaceChildren(none());
  }
  marked();
}

function none() {
  const filtered = state.status || state.category || state.days !== "90";
  if (!filtered) return empty("近 90 天没有公开案卷", "市民用随手拍小程序上报后，公开的案卷会出现在这里。");
  const changes = { status: "", category: "", days: "90" };
  const all = h("a", { class: "button", href: address(changes), onclick: follows(changes) }, "看近 90 天全部案卷");
  return empty("没有符合条件的案卷", "可以放宽时间，或者换一个类别。", all);
}

/** Makes the map once, and fetches its boundaries until they are there. */
async function startMap() {
  map ??= new CaseMap(byId("map"), {
    tileUrl,
    tileAttribution,
    onChoose: (chosen) => go({ number: chosen }),
  });
  if (map.bounds) return;
  const before = lasting;
  try {
    const known = await map.showAreas();
    lasting = known ? null : empty("还没有地图", "区域边界尚未导入。案卷可以在列表里看。");
  } catch (error) {
    lasting = failed(error, again);
  }
  if (lasting || note.contains(before)) noted();
}

function again() {
  loaded = null;
  show(state, state);
}

function reveal(found) {
  if (!map || state.view !== "map") return;
  map.choose(found.number, found);
  const sheet = byId("case").getBoundingClientRect();
  const whole = map.map.getContainer().getBoundingClientRect();
  const beside = sheet.width < innerWidth;
  const right = beside ? Math.max(0, whole.right - sheet.left) : 0;
  map.reveal(found, { right, bottom: beside ? 0 : whole.bottom - sheet.top });
}

function marked() {
  for (const link of document.querySelectorAll("[data-view-link]")) {
    const view = link.dataset.viewLink;
    link.href = address({ view, number: null });
    if (view === state.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  for (const row of document.querySelectorAll(".row")) {
    row.href = address({ number: row.dataset.number });
    if (row.dataset.number === state.number) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function arrange() {
  document.body.dataset.view = state.view;
  for (const view of document.querySelectorAll(".view")) {
    const beside = wide.matches && state.view === "map" && view.dataset.of === "list";
    view.hidden = view.dataset.of !== state.view && !beside;
  }
  for (const name of ["status", "category", "days"]) filters.elements[name].value = state[name];
}

async function show(_, before) {
  arrange();
  if (state.view === "map") map?.map.invalidateSize({ pan: false });
  const ready = state.view === "map" ? startMap() : null;
  if (state.view === "map" || state.view === "list") load();
  if (state.view === "stats") showStats();
  if (state.view === "solved") showSolved();
  if (before && before.view !== state.view) scrollTo(0, 0);
  marked();
  await ready;
  if (state.number === null) {
    panel.close();
    map?.choose(null);
  } else if (state.number !== before?.number || !panel.isOpen()) {
    panel.open(state.number, reveal);
  }
}

filters.addEventListener("change", () => {
  const { status, category, days } = filters.elements;
  go({ status: status.value, category: category.value, days: days.value }, { replace: true });
});
filters.addEventListener("submit", (event) => event.preventDefault());
for (const link of document.querySelectorAll("[data-view-link]")) {
  link.addEventListener("click", (event) => follows({ view: link.dataset.viewLink, number: null })(event));
}
wide.addEventListener("change", () => show(state, state));
filters.hidden = false;
document.querySelector(".views").hidden = false;
watch(show);
filters.elements.category.value = state.category;
if (filters.elements.category.selectedIndex < 0) go({ category: "" }, { replace: true });
else show(state, undefined);
