// 大屏: renews itself; what it knows stays in sight when the server cannot be reached.

import { h, number } from "../map/dom.js";
import { Trend } from "./trend.js";
import { WallMap } from "./map.js";

const byId = (id) => document.getElementById(id);
const { source, here, version } = document.body.dataset;
const EVERY_MS = 30_000;
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 120_000;
const PATIENCE_MS = 20_000;
const LAG_MS = 120_000; // figures of the audit that are older are told apart
const SHIFTS = [[0, 0], [3, 0], [3, 3], [0, 3]]; // pixels, so that nothing burns in
const trend = new Trend(byId("trend"));
const map = new WallMap(byId("map"), byId("legend"));
let failures = 0;
let known = null; // when the figures in sight were read

async function read() {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(source, { redirect: "manual", signal: stop.signal });
    if (answer.type === "opaqueredirect") throw Object.assign(new Error(source), { status: 401 });
    if (!answer.ok) throw Object.assign(new Error(source), { status: answer.status });
    return await answer.json();
  } finally {
    clearTimeout(timer);
  }
}

async function renew() {
  let wait = EVERY_MS;
  try {
    const found = await read();
    if (found.version !== version) return location.reload();
    failures = 0;
    known = new Date(found.now);
    show(found);
    said();
  } catch (error) {
    wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures++);
    if (error.status === 401) wait = EVERY_MS;
    failed(error);
  }
  setTimeout(renew, wait);
}

function said(...words) {
  byId("stale").replaceChildren(...words);
  byId("stale").hidden = !words.length;
  document.body.classList.toggle("is-stale", words.length > 0);
}

function failed(error) {
  const old = known ? `下面是 ${clock(known)} 的数据。` : "还没有数据。";
  if (error.status === 401) {
    const back = `/console/sign-in?next=${encodeURIComponent(here)}`;
    return said(`登录已失效，${old}`, h("a", { href: back }, "重新登录"));
  }
  if (error.status === 403 || error.status === 404) return said("您的账号看不到这个大屏，请联系管理员。");
  said(`连接中断，${old}正在重试……`);
}

function show(found) {
  byId("as-of").textContent = clock(known);
  const lag = known - new Date(found.as_of);
  byId("audit").textContent = lag > LAG_MS ? `（统计截至 ${clock(new Date(found.as_of))}）` : "";
  const { open, today, month } = found;
  figures("now", [
    ["在办", open.total],
    ["待受理", open.waiting],
    ["超期", open.late, open.late ? "late" : ""],
    ["突发在办", open.emergencies, open.emergencies ? "emergency" : "", open.emergencies_late ? `超期 ${number(open.emergencies_late)}` : ""],
  ]);
  figures("today", [["上报", today.reported], ["其中已立案", today.accepted], ["结案", today.closed]]);
  figures("month", [
    ["上报", month.reported],
    ["其中已立案", month.accepted],
    ["结案", month.closed],
    ["超时", month.late, month.late ? "late" : ""],
  ]);
  byId("month-name").textContent = `${Number(found.now.slice(5, 7))} 月 1 日至今`;
  rates(month.rates, found.labels);
  trend.show(found.days);
  map.show(found.map);
  byId("map-note").textContent = found.map.more ? `只画最先到期的 ${number(found.map.x.length)} 件` : "";
  ranking(found.ranking);
  late(found.late);
}

function figures(id, rows) {
  const each = rows.map(([name, value, kind, more]) =>
    h("div", { class: kind || null }, h("dt", {}, name, more ? ` · ${more}` : ""), h("dd", {}, number(value))),
  );
  byId(id).replaceChildren(...each);
}

function rates(found, labels) {
  const rows = Object.entries(found).map(([name, { value, numerator, denominator }]) =>
    h(
      "div",
      {},
      h("dt", {}, labels[name]),
      h("dd", {}, value === null ? "—" : `${value.toFixed(1)}%`),
      h("dd", { class: "of" }, `${number(numerator)} / ${number(denominator)}`),
    ),
  );
  byId("rates").replaceChildren(...rows);
}

function ranking({ items, more, few, fewest }) {
  const rows = items.map(({ rank, name, value, numerator, denominator }) => {
    const bar = h("i");
    bar.style.width = `${value}%`;
    return h(
      "li",
      {},
      h("span", { class: "rank" }, String(rank)),
      h("span", { class: "name" }, name),
      h("b", {}, `${value.toFixed(1)}%`),
      h("span", { class: "of" }, `${number(numerator)} / ${number(denominator)}`),
      h("span", { class: "bar", "aria-hidden": "true" }, bar),
    );
  });
  byId("ranking").replaceChildren(...(rows.length ? rows : [h("li", { class: "none" }, `还没有单位满 ${fewest} 件。`)]));
  const left = [more ? `其余 ${more} 个单位未列出` : "", few ? `${few} 个单位不足 ${fewest} 件，不排名` : ""];
  byId("ranking-foot").textContent = left.filter(Boolean).join("；");
  whole(byId("ranking"));
}

function late(items) {
  const rows = items.map((one) =>
    h(
      "li",
      {},
      h("span", { class: "what" }, one.emergency ? h("span", { class: "urgent" }, "突发") : null, one.category),
      h("span", { class: "by" }, `超期 ${one.by}`),
      h("span", { class: "where" }, `${one.unit} · ${one.place || "未定网格"}`),
      h("span", { class: "number" }, one.number),
    ),
  );
  byId("late").replaceChildren(...(rows.length ? rows : [h("li", { class: "none" }, "没有超期的案卷。")]));
  whole(byId("late"));
}

/** Leaves out what would be cut off at the foot of a list. */
function whole(list) {
  while (list.children.length > 1 && list.scrollHeight > list.clientHeight + 1) list.lastChild.remove();
}

const pad = (value) => String(value).padStart(2, "0");
const local = (at) => new Date(at.getTime() + 8 * 3600_000); // Asia/Shanghai, wherever the screen hangs

function clock(at) {
  const there = local(at);
  return `${pad(there.getUTCHours())}:${pad(there.getUTCMinutes())}:${pad(there.getUTCSeconds())}`;
}

function ticked() {
  const there = local(new Date());
  byId("clock").textContent = `${pad(there.getUTCHours())}:${pad(there.getUTCMinutes())}`;
  const week = "日一二三四五六"[there.getUTCDay()];
  byId("date").textContent = `${there.getUTCFullYear()}年${there.getUTCMonth() + 1}月${there.getUTCDate()}日 星期${week}`;
  const [x, y] = SHIFTS[Math.floor(there.getUTCMinutes() / 5) % SHIFTS.length];
  byId("wall").style.transform = `translate(${x}px, ${y}px)`;
}

byId("full").hidden = !document.fullscreenEnabled;
byId("full").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
});
document.addEventListener("fullscreenchange", () => {
  byId("full").textContent = document.fullscreenElement ? "退出全屏" : "全屏";
});
setInterval(ticked, 1000);
ticked();
renew();
