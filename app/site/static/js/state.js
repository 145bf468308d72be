// What is looked at stands in the address: it can be sent to somebody, and Back works.

const VIEWS = ["map", "list", "stats", "solved"];
const DAYS = ["7", "30", "90"];
const CASE = /^\/map\/cases\/([^/]+)$/;
const watchers = [];

export let state = parsed();

function parsed() {
  const query = new URLSearchParams(location.search);
  const known = (name, values, other) => (values.includes(query.get(name)) ? query.get(name) : other);
  const found = CASE.exec(location.pathname);
  return {
    view: known("view", VIEWS, "map"),
    status: known("status", ["open", "closed"], ""),
    category: query.get("category") ?? "",
    days: known("days", DAYS, "30"),
    number: found ? decodeURIComponent(found[1]) : null,
  };
}

/** The address of what would be looked at after some changes. */
export function address(changes = {}) {
  const next = { ...state, ...changes };
  const query = new URLSearchParams();
  if (next.view !== "map") query.set("view", next.view);
  if (next.status) query.set("status", next.status);
  if (next.category) query.set("category", next.category);
  if (next.days !== "30") query.set("days", next.days);
  const path = next.number ? `/map/cases/${encodeURIComponent(next.number)}` : "/map";
  return query.size ? `${path}?${query}` : path;
}

function told(before) {
  for (const watcher of watchers) watcher(state, before);
}

export function watch(watcher) {
  watchers.push(watcher);
}

export function go(changes, { replace = false } = {}) {
  const before = state;
  const next = address(changes);
  state = { ...state, ...changes };
  history[replace ? "replaceState" : "pushState"](null, "", next);
  told(before);
}

addEventListener("popstate", () => {
  const before = state;
  state = parsed();
  told(before);
});

/** A link that changes what is looked at without leaving the page. */
export function follows(changes) {
  return (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(changes);
  };
}
