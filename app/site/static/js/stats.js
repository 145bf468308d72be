// Figures that everybody may read: large numbers, a trend, and who has how much.

import { bars, trend } from "./chart.js";
import { figures } from "./data.js";
import { byId, failed, h, waiting } from "./dom.js";
import { month, number, percent, span } from "./words.js";

const PERIODS = { this_month: "本月", last_30_days: "近 30 天" };
let found = null;
let period = "this_month";

export async function showStats() {
  if (found) return;
  const place = byId("stats");
  place.replaceChildren(waiting());
  try {
    found = await figures();
    place.replaceChildren(...parts());
  } catch (error) {
    place.replaceChildren(failed(error, showStats));
  }
}

function parts() {
  return [now(), months(), divided(), links()];
}

function now() {
  const running = found.months.at(-1);
  return h(
    "section",
    { class: "hero" },
    h("h2", {}, `${month(running.month, true)}，到今天`),
    h(
      "dl",
      { class: "big" },
      big("上报", number(running.reported), "件"),
      big("办结", number(running.closed), "件"),
      big("正在办", number(found.open), "件", "此刻，不限本月"),
    ),
    h(
      "dl",
      { class: "shares" },
      share("按时办理", running.in_time_percent, `到期 ${number(running.judged)} 件`),
      timed(running),
      share("市民满意", running.satisfied_percent, `${number(running.answered)} 人评价`),
    ),
  );
}

function big(name, value, unit, note) {
  return h(
    "div",
    {},
    h("dt", {}, name),
    h("dd", {}, h("b", {}, value), h("small", {}, unit), note ? h("em", {}, note) : null),
  );
}

function share(name, value, note) {
  const words = value === null ? `不足 ${found.fewest} 件，不算比例` : note;
  return h("div", {}, h("dt", {}, name), h("dd", {}, h("b", {}, value === null ? "—" : percent(value)), h("em", {}, words)));
}

function timed(running) {
  const value = running.median_minutes;
  const words = value === null ? `不足 ${found.fewest} 件，不算` : "一半案卷在此时间内办结";
  return h("div", {}, h("dt", {}, "办理用时"), h("dd", {}, h("b", {}, value === null ? "—" : span(value)), h("em", {}, words)));
}

function months() {
  return h(
    "section",
    { class: "block" },
    h("h2", {}, "一年来每月上报和办结"),
    h(
      "p",
      { class: "key", "aria-hidden": "true" },
      h("span", {}, h("i", { class: "swatch reported" }), "上报"),
      h("span", {}, h("i", { class: "swatch closed" }), "办结"),
    ),
    trend(found.months),
    h("details", {}, h("summary", {}, "用表格看"), table(found.months)),
  );
}

function table(rows) {
  const cell = (value, say) => h("td", {}, value === null ? "—" : say(value));
  const line = (row) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, month(row.month, true)),
      cell(row.reported, number),
      cell(row.closed, number),
      cell(row.in_time_percent, percent),
      cell(row.median_minutes, span),
      cell(row.satisfied_percent, percent),
    );
  const heads = ["月份", "上报", "办结", "按时", "用时", "满意"].map((name) => h("th", { scope: "col" }, name));
  return h(
    "div",
    { class: "scrolled", tabindex: "0", role: "region", "aria-label": "每月数字" },
    h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...[...rows].reverse().map(line))),
  );
}

function divided() {
  const place = h("section", { class: "block" });
  const fill = () => {
    const chosen = found[period];
    const choices = Object.entries(PERIODS).map(([name, words]) => {
      const choose = () => {
        period = name;
        fill();
        place.querySelector('[aria-pressed="true"]').focus();
      };
      return h("button", { type: "button", "aria-pressed": String(name === period), onclick: choose }, words);
    });
    place.replaceChildren(
      h("div", { class: "block-head" }, h("h2", {}, "哪一类、哪条街"), h("div", { class: "switch" }, ...choices)),
      h("div", { class: "twins" }, bars("按类别", chosen.groups), bars("按街道", chosen.streets)),
    );
  };
  fill();
  return place;
}

function links() {
  const running = found.months.at(-1).month;
  const data = [
    ["/public/cases.geojson", "案卷位置", "GeoJSON"],
    [`/public/cases.csv?month=${running}`, `${month(running)}案卷表格`, "CSV"],
    ["/public/feeds/cases.atom", "案卷动态订阅", "Atom"],
    ["/public/figures.json", "本页数字", "JSON"],
    ["/public/areas.geojson?level=community", "社区边界", "GeoJSON"],
    ["/open311/v2/discovery.json", "标准接口", "Open311"],
  ];
  const item = ([href, words, form]) => h("li", {}, h("a", { href }, words), h("small", {}, form));
  return h(
    "section",
    { class: "block" },
    h("h2", {}, "拿走数据"),
    h("p", {}, "以上都来自公开数据，任何人都可以使用。不含上报人和办事人员的信息。"),
    h("ul", { class: "links" }, ...data.map(item)),
  );
}
