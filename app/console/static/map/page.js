// Puts the parts together; what is looked at stands in the address.

import { Areas, dutyLegend } from "./areas.js";
import { KINDS, fetched } from "./cases.js";
import { openCard } from "./card.js";
import { byId, h, number } from "./dom.js";
import { CaseLayer } from "./layer.js";
import { inSight, legend } from "./side.js";
import { Time } from "./time.js";

const L = globalThis.L;
const FILTERS = ["period", "since", "until", "status", "category", "unit", "area"];
const FINAL = ["closed", "rejected", "withdrawn", "merged"];
const REACH_PX = 14;
const REST_MS = 120; // the list waits until the map rests
const form = byId("filters");
const note = byId("note");
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const view = new URLSearchParams(location.search);
const hidden = { state: new Set(), status: new Set(), then: new Set() };
let cases = null;
let asking = null;
let listing = null;
let fitted = false; // whether the map shows the district yet

const map = L.map("map", {
  zoomControl: false,
  attributionControl: Boolean(byId("map-page").dataset.tileUrl),
  zoomSnap: 0.25,
  minZoom: 9,
  maxZoom: 19,
  zoomAnimation: !calm,
  fadeAnimation: !calm,
  inertia: !calm,
}).setView([35, 105], 9);
const areas = new Areas(map, { tiled: Boolean(byId("map-page").dataset.tileUrl) });
map.createPane("cases").style.zIndex = 450;
const layer = new CaseLayer({ pane: "cases" }).addTo(map);
const time = new Time(shown);

function dressed() {
  const { tileUrl, tileAttribution } = byId("map-page").dataset;
  if (tileUrl) {
    const attribution = tileAttribution.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
    L.tileLayer(tileUrl, { attribution, maxZoom: 19 }).addTo(map);
    map.attributionControl.setPrefix(false);
  }
  L.control.zoom({ position: "topright", zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
  const element = map.getContainer();
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", "案卷地图，方向键移动，加减号缩放；同样的案卷在“视野内案卷”里");
  map.on("moveend", () => {
    clearTimeout(listing);
    listing = setTimeout(listed, REST_MS);
  });
  map.on("zoomend", () => (element.dataset.zoom = map.getZoom() >= 16 ? "near" : map.getZoom() >= 14 ? "middle" : "far"));
  map.on("click", (event) => chosenAt(event.containerPoint));
  map.on("mousemove", (event) => element.classList.toggle("over-case", Boolean(layer.at(event.containerPoint, REACH_PX))));
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(element);
}

const by = () => {
  const chosen = document.querySelector("[name=by]:checked").value;
  return time.mode === "open" ? "then" : chosen;
};

function filters() {
  const found = new URLSearchParams();
  for (const name of FILTERS) {
    const field = form.elements[name];
    const used = !["since", "until"].includes(name) || form.elements.period.value === "own";
    if (used && field.value && !(name === "period" && field.value === "now")) found.set(name, field.value);
  }
  return found;
}

/** Writes what is looked at into the address. */
function addressed() {
  const query = filters();
  const looks = {
    by: document.querySelector("[name=by]:checked").value,
    show: document.querySelector("[name=show]:checked").value,
    duty: document.querySelector("[name=duty]").value,
    mode: time.mode,
    day: time.mode === "all" ? "" : String(time.day),
  };
  const usual = { by: "state", show: "crowds", duty: "", mode: "all", day: "" };
  for (const [name, value] of Object.entries(looks)) if (value !== usual[name]) query.set(name, value);
  byId("clear").hidden = !filters().size;
  history.replaceState(null, "", query.size ? `/console/map?${query}` : "/console/map");
}

function said(...content) {
  note.replaceChildren(...content);
  note.hidden = !content.length;
}

/** Fetches the cases of the filters. */
async function load() {
  asking?.abort();
  asking = new AbortController();
  said("正在读取案卷…");
  try {
    cases = await fetched(filters(), asking.signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    return failed(error);
  }
  const days = cases.daysAsked && cases.days();
  time.setDays(days && days[1] > days[0] ? days : null, { mode: view.get("mode") ?? time.mode, day: Number(view.get("day")) || time.day });
  view.delete("mode");
  view.delete("day");
  noted();
  shown();
}

function failed(error) {
  if (error.status === 401) {
    const back = `/console/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
    said("登录已失效。", h("a", { href: back }, "重新登录"));
    return;
  }
  const words = error.status === 422 ? "筛选条件不完整，请检查日期等条件。" : "没有读到案卷，请检查网络。";
  said(words, h("button", { type: "button", class: "quiet", onclick: load }, "重试"));
}

function noted() {
  const more = {
    false: null,
    true: cases.daysAsked
      ? `案卷太多，只显示${cases.since ? "最新的" : ""} ${number(cases.most)} 件${cases.since ? `（${cases.since.slice(0, 10)} 起）` : ""}。请缩短时段或加筛选条件。`
      : `在办案卷超过 ${number(cases.most)} 件，只显示最先到期的。请加筛选条件。`,
  }[cases.more];
  const none = cases.length ? null : "没有符合条件的案卷。可以放宽时段或清除筛选。";
  said(...[more, none].filter(Boolean));
}

/** Shows the cases as the slider, the legend and the choices say. */
function shown() {
  if (!cases) return;
  const kind = by();
  const counts = cases.sort({ mode: time.mode, day: time.day ?? 0, by: kind, hidden: hidden[kind] });
  const total = counts.reduce((sum, count) => sum + count, 0);
  legend(kind, counts, hidden[kind], shown);
  byId("total").textContent = time.playing ? "" : `共 ${number(total)} 件`;
  for (const box of document.querySelectorAll("[name=by]")) box.disabled = kind === "then";
  time.say(total);
  layer.setCases(cases, KINDS[kind]);
  if (!time.playing) {
    listed();
    addressed();
  }
}

function listed() {
  if (!cases || !fitted || time.playing) return;
  const box = map.getBounds();
  const around = { west: box.getWest(), south: box.getSouth(), east: box.getEast(), north: box.getNorth() };
  inSight(cases, cases.within(around), { then: time.mode === "open", onChoose: choose });
}

function chosenAt(point) {
  const found = layer.at(point, REACH_PX);
  if (!found) return;
  if (found.index != null) return choose(found.index);
  const places = found.crowd.indices.map((i) => [cases.y[i], cases.x[i]]);
  const bounds = L.latLngBounds(places);
  const nearer = Math.min(19, Math.max(map.getZoom() + 1, map.getBoundsZoom(bounds.pad(0.2))));
  map.setView(bounds.getCenter(), nearer, { animate: !calm });
}

function choose(index) {
  layer.choose(index);
  openCard(cases.number[index], () => layer.choose(null));
  revealed(L.latLng(cases.y[index], cases.x[index]));
}

/** Moves so that a place is in sight, and not under the card. */
function revealed(where) {
  const [size, point] = [map.getSize(), map.latLngToContainerPoint(where)];
  const card = byId("card");
  const left = card.offsetWidth < size.x * 0.6 ? card.offsetLeft + card.offsetWidth : 0;
  const inside = point.x > left + 20 && point.y > 20 && point.x < size.x - 60 && point.y < size.y - 80;
  if (!inside) map.panBy([point.x - (left + size.x) / 2, point.y - size.y / 2], { animate: !calm });
}

async function layers() {
  const wanted = [...document.querySelectorAll("[name=layer]:checked")].map((box) => box.value);
  try {
    await areas.show(wanted);
  } catch (error) {
    failed(error);
  }
}

async function duty() {
  const chosen = document.querySelector("[name=duty]").value;
  try {
    dutyLegend(byId("duty-legend"), await areas.showDuty(chosen), areas);
  } catch (error) {
    failed(error);
  }
  addressed();
}

function filtered(event) {
  const { period, status, since, until } = form.elements;
  if (event.target === status && FINAL.includes(status.value) && period.value === "now") period.value = "30";
  byId("own").hidden = period.value !== "own";
  if (period.value === "own" && !(since.value && until.value)) return said("请选择开始和结束日期。");
  addressed();
  load();
}

function begun() {
  for (const name of ["by", "show"]) {
    const box = document.querySelector(`[name=${name}][value="${CSS.escape(view.get(name) ?? "")}"]`);
    if (box) box.checked = true;
  }
  const select = document.querySelector("[name=duty]");
  select.value = view.get("duty") ?? "";
  if (select.selectedIndex < 0) select.value = "";
  layer.options.show = document.querySelector("[name=show]:checked").value;
}

form.addEventListener("change", filtered);
form.addEventListener("submit", (event) => event.preventDefault());
for (const box of document.querySelectorAll("[name=layer]")) box.addEventListener("change", layers);
for (const box of document.querySelectorAll("[name=by]")) box.addEventListener("change", shown);
for (const box of document.querySelectorAll("[name=show]")) {
  box.addEventListener("change", () => {
    layer.setShow(box.value);
    addressed();
  });
}
document.querySelector("[name=duty]").addEventListener("change", duty);
document.querySelector(".map-side").hidden = false;
dressed();
begun();
const loading = load();
await layers();
const bounds = areas.bounds();
fitted = true;
if (bounds.isValid()) map.fitBounds(bounds, { padding: [14, 14], animate: false });
else said("还没有地图：区域边界尚未导入。");
await loading;
listed();
if (document.querySelector("[name=duty]").value) await duty();
