// The card of a case, made by the server.

import { byId, h } from "./dom.js";

const card = byId("card");
let back = null;
let asked = 0;
let ended = () => {};

export async function openCard(number, onClose) {
  const turn = ++asked;
  ended = onClose;
  if (!card.contains(document.activeElement)) back = document.activeElement;
  card.hidden = false;
  card.replaceChildren(h("p", {}, "正在读取…"));
  try {
    const answer = await fetch(`/console/map/cases/${encodeURIComponent(number)}`, { redirect: "manual" });
    if (!answer.ok) throw Object.assign(new Error(number), { status: answer.status });
    const words = await answer.text();
    if (turn !== asked) return;
    card.innerHTML = words; // the server's page, in which all words are escaped
  } catch (error) {
    if (turn !== asked) return;
    const why = error.status === 404 ? "没有这件案卷，或不在您的范围内。" : "没有读到这件案卷，请检查网络或重新登录。";
    card.replaceChildren(h("p", {}, why), h("button", { type: "button", "data-close": true }, "关闭"));
  }
  const picture = card.querySelector("img");
  picture?.addEventListener("error", () => picture.parentElement.remove());
  card.querySelector("[data-close]").addEventListener("click", closeCard);
  card.focus();
}

function closeCard() {
  asked++;
  card.hidden = true;
  card.replaceChildren();
  ended();
  if (back?.isConnected) back.focus();
}

card.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeCard();
});
