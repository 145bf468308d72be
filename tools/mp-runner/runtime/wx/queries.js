// Where things are on the page: selector queries, observers, the context of a map.

import { call, hasCallback, Refused, tell } from '../call.js';
import { hub } from '../hub.js';
import { region } from '../tags/map.js';

/** A page of getCurrentPages, or a component, as the framework has it. */
function inside(scope) {
  return (scope ?? hub.shell.current()?.caller)?._$ ?? null;
}

function rect(host) {
  const frame = hub.shell.pageBox();
  const { left, right, top, bottom, width, height } = host.getBoundingClientRect();
  return { left, right, top: top - frame.top, bottom: bottom - frame.top, width, height };
}

function read(element, fields) {
  const host = element.getBackendElement();
  const found = {};
  if (fields.id) found.id = element.id;
  if (fields.dataset) found.dataset = element.dataset;
  if (fields.mark) found.mark = element.collectMarks();
  const { left, right, top, bottom, width, height } = rect(host);
  if (fields.rect) Object.assign(found, { left, right, top, bottom });
  if (fields.size) Object.assign(found, { width, height });
  if (fields.scrollOffset) {
    const { scrollLeft, scrollTop, scrollWidth, scrollHeight } = host;
    Object.assign(found, { scrollLeft, scrollTop, scrollWidth, scrollHeight });
  }
  const style = fields.computedStyle && getComputedStyle(host);
  for (const name of fields.computedStyle ?? []) found[name] = style[name];
  for (const name of fields.properties ?? []) found[name] = element.data?.[name];
  if (fields.context) found.context = element.parts?.view ? contextOf(element) : null;
  return found;
}

function viewport(fields) {
  const scroller = hub.shell.current()?.scroller;
  const found = {};
  if (!scroller) return found;
  const { clientWidth: width, clientHeight: height, scrollLeft, scrollTop, scrollWidth, scrollHeight } = scroller;
  if (fields.id) found.id = '';
  if (fields.dataset) found.dataset = {};
  if (fields.rect) Object.assign(found, { left: 0, top: 0, right: width, bottom: height });
  if (fields.size) Object.assign(found, { width, height });
  if (fields.scrollOffset) Object.assign(found, { scrollLeft, scrollTop, scrollWidth, scrollHeight });
  return found;
}

export function createSelectorQuery() {
  const asked = [];
  let scope = null;
  const query = {
    in(component) {
      scope = component;
      return query;
    },
    select: (selector) => picked(selector, false),
    selectAll: (selector) => picked(selector, true),
    selectViewport: () => picked(null, false),
    exec(callback) {
      setTimeout(() => {
        const results = asked.map(({ find, fields }) => find(fields));
        asked.forEach((one, at) => one.callback?.(results[at]));
        callback?.(results);
      });
      return query;
    },
  };
  function picked(selector, all) {
    const from = inside(scope);
    const find = (fields) => {
      if (selector === null) return viewport(fields);
      const root = from?.getShadowRoot();
      if (all) return (root?.querySelectorAll(selector) ?? []).map((one) => read(one, fields));
      const one = root?.querySelector(selector);
      return one ? read(one, fields) : null;
    };
    const ask = (fields, callback) => {
      asked.push({ find, fields, callback });
      return query;
    };
    return {
      fields: ask,
      boundingClientRect: (callback) => ask({ id: true, dataset: true, rect: true, size: true }, callback),
      scrollOffset: (callback) => ask({ id: true, dataset: true, scrollOffset: true }, callback),
      context: (callback) => ask({ context: true }, callback),
    };
  }
  return query;
}

function createIntersectionObserver(scope, { thresholds = [0], observeAll = false } = {}) {
  let margin = '0px';
  let observer = null;
  const own = {
    relativeToViewport({ top = 0, right = 0, bottom = 0, left = 0 } = {}) {
      margin = [top, right, bottom, left].map((one) => `${one}px`).join(' ');
      return own;
    },
    observe(selector, listener) {
      const root = inside(scope)?.getShadowRoot();
      const found = observeAll ? root?.querySelectorAll(selector) : [root?.querySelector(selector)];
      const tellOf = (entry) =>
        listener({
          ...{ intersectionRatio: entry.intersectionRatio, boundingClientRect: entry.boundingClientRect, time: entry.time },
          ...{ intersectionRect: entry.intersectionRect, relativeRect: entry.rootBounds, id: entry.target.__wxElement.id },
          dataset: entry.target.__wxElement.dataset,
        });
      observer = new IntersectionObserver((entries) => entries.forEach(tellOf), { root: hub.shell.current().scroller, rootMargin: margin, threshold: thresholds });
      for (const one of found ?? []) if (one) observer.observe(one.getBackendElement());
    },
    disconnect: () => observer?.disconnect(),
  };
  return own;
}

function contextOf(element) {
  const { parts } = element;
  const via = (name, work) => (options = {}) => {
    const done = call(name, () => {
      if (!parts.view) throw new Refused('the map is gone');
      return work(options);
    })({});
    if (!hasCallback(options)) return done;
    done.then((result) => tell(options, result, 'success'), (wrong) => tell(options, wrong, 'fail'));
    return undefined;
  };
  const byProgram = (work) => {
    parts.byProgram = true;
    work();
    parts.byProgram = false;
  };
  const points = (list) => L.latLngBounds(list.map((one) => [one.latitude, one.longitude]));
  return {
    getCenterLocation: via('getCenterLocation', () => region(parts.view).centerLocation),
    getRegion: via('getRegion', () => region(parts.view).region),
    getScale: via('getScale', () => ({ scale: parts.view.getZoom() })),
    moveToLocation: via('moveToLocation', ({ longitude, latitude }) => {
      const place = longitude === undefined ? hub.here('gcj02') : { longitude, latitude };
      byProgram(() => parts.view.setView([place.latitude, place.longitude], parts.view.getZoom(), { animate: false }));
    }),
    includePoints: via('includePoints', ({ points: list, padding = [20] }) => {
      byProgram(() => parts.view.fitBounds(points(list), { animate: false, padding: [padding[0], padding[1] ?? padding[0]] }));
    }),
    translateMarker: via('translateMarker', ({ markerId, destination }) => {
      const markers = element.data.markers.map((one) => (one.id === markerId ? { ...one, ...destination } : one));
      element.setData({ markers });
    }),
  };
}

function createMapContext(id, scope) {
  const element = inside(scope)?.getShadowRoot().getElementById(id);
  if (!element?.parts) {
    console.error(`createMapContext: there is no map with id ${id}`);
    return null;
  }
  return contextOf(element);
}

export const queries = {
  createSelectorQuery,
  createMapContext,
  createIntersectionObserver,
  nextTick: (work) => queueMicrotask(() => Promise.resolve().then(work)),
};
