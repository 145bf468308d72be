// The queue renews itself, and keys open forms; without this the page works by links.

import { renewing } from "./renew.js";

const queue = document.getElementById("queue");
renewing(queue);

function busy() {
  return [...document.querySelectorAll("details[open] textarea, details[open] input:not([type=hidden])")].some(
    (field) => field.value !== field.defaultValue,
  );
}

function step(by) {
  const links = [...queue.querySelectorAll("li > a")];
  const here = links.findIndex((link) => link.parentElement.hasAttribute("aria-current"));
  const next = links[here + by];
  if (next && !(busy() && !confirm("填写的内容还没有提交，要离开吗？"))) {
    next.click();
  }
}

function open(details) {
  for (const one of document.querySelectorAll("details[open]")) {
    one.open = one === details;
  }
  details.open = true;
  const first = details.querySelector("select, textarea, input:not([type=hidden]), button");
  details.scrollIntoView({ block: "nearest" });
  first?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) {
    return;
  }
  if (event.key === "Escape") {
    const opened = document.activeElement?.closest("details[open]");
    if (opened) {
      opened.open = false;
      opened.querySelector("summary").focus();
    }
    return;
  }
  if (event.target.closest("input, select, textarea")) {
    return;
  }
  if (event.key === "j" || event.key === "k") {
    step(event.key === "j" ? 1 : -1);
    return;
  }
  for (const key of document.querySelectorAll("details[data-action] kbd")) {
    if (key.textContent === event.key) {
      event.preventDefault();
      open(key.closest("details"));
      return;
    }
  }
});
