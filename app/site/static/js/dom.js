// Elements made of text, never of markup: whatever people wrote stays text.

const SVG = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const h = (name, attributes = {}, ...children) =>
  filled(document.createElement(name), attributes, children);

export const svg = (name, attributes = {}, ...children) =>
  filled(document.createElementNS(SVG, name), attributes, children);

export const byId = (id) => document.getElementById(id);

/** A sign that differs in shape as well as in colour. */
export const sign = (status) => h("i", { class: `sign ${status}`, "aria-hidden": "true" });

export function waiting(words = "正在读取…") {
  return h("p", { class: "waiting", role: "status" }, words);
}

/** What went wrong in plain words, and a button that tries again. */
export function failed(error, again) {
  const words =
    error.status >= 500 || error.status === 429
      ? "服务器正忙，请过一会儿再试。"
      : error.status
        ? "暂时读不到这部分内容。"
        : "没有连上网络，请检查网络后再试。";
  return h(
    "div",
    { class: "notice", role: "alert" },
    h("p", {}, words),
    h("button", { type: "button", class: "button", onclick: again }, "重试"),
  );
}

export function empty(title, words, ...actions) {
  return h("div", { class: "notice" }, h("h2", {}, title), h("p", {}, words), ...actions);
}
