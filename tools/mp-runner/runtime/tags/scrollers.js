// scroll-view and swiper.

import { change, fire, node, sibling } from './define.js';

const scrollView = {
  properties: {
    ...{ scrollX: Boolean, scrollY: Boolean, upperThreshold: { type: Number, value: 50 }, lowerThreshold: { type: Number, value: 50 } },
    ...{ scrollTop: null, scrollLeft: null, scrollIntoView: String, scrollWithAnimation: Boolean, enhanced: Boolean },
    ...{ showScrollbar: Boolean, enableFlex: Boolean, type: String, refresherEnabled: Boolean, refresherTriggered: Boolean },
  },
  made(comp, host, parts) {
    parts.at = { top: 0, left: 0 };
    host.addEventListener('scroll', () => scrolled(comp, host));
    parts.wait = host.appendChild(node('div', { className: 'mp-refresher', role: 'status', hidden: true }, '正在刷新'));
    let start = null;
    host.addEventListener('touchstart', (event) => (start = host.scrollTop === 0 ? event.touches[0].clientY : null), { passive: true });
    host.addEventListener('touchend', (event) => {
      const far = start !== null && event.changedTouches[0].clientY - start > 60;
      if (far && comp.data.refresherEnabled) fire(comp, 'refresherrefresh', {});
    });
  },
  render(comp, host, data) {
    host.style.overflowX = data.scrollX ? 'auto' : 'hidden';
    host.style.overflowY = data.scrollY ? 'auto' : 'hidden';
    host.toggleAttribute('data-flex', data.enableFlex);
    comp.parts.wait.hidden = !data.refresherTriggered;
    place(comp, host, data);
    return { tabindex: data.scrollX || data.scrollY ? '0' : undefined };
  },
  attached(comp, host) {
    queueMicrotask(() => place(comp, host, comp.data));
  },
};

/** Scrolls where the mini program says, once for each time that it says something new. */
function place(comp, host, data) {
  const { parts } = comp;
  const behavior = data.scrollWithAnimation ? 'smooth' : 'auto';
  for (const [name, side] of [['scrollTop', 'top'], ['scrollLeft', 'left']]) {
    const value = parseFloat(data[name]);
    if (Number.isNaN(value) || parts[name] === value || !host.isConnected) continue;
    parts[name] = value;
    host.scrollTo({ [side]: value, behavior });
  }
  if (data.scrollIntoView && parts.into !== data.scrollIntoView && host.isConnected) {
    parts.into = data.scrollIntoView;
    const found = sibling(comp, data.scrollIntoView)?.getBackendElement();
    const from = host.getBoundingClientRect();
    const to = found?.getBoundingClientRect();
    if (to) host.scrollBy({ top: data.scrollY ? to.top - from.top : 0, left: data.scrollX ? to.left - from.left : 0, behavior });
  }
}

function scrolled(comp, host) {
  const { parts, data } = comp;
  const { scrollTop, scrollLeft, scrollHeight, scrollWidth, clientHeight, clientWidth } = host;
  const deltaY = parts.at.top - scrollTop;
  const deltaX = parts.at.left - scrollLeft;
  const crossed = (was, is, limit) => was > limit && is <= limit;
  fire(comp, 'scroll', { scrollTop, scrollLeft, scrollHeight, scrollWidth, deltaX, deltaY });
  const [is, was] = data.scrollY ? [scrollTop, parts.at.top] : [scrollLeft, parts.at.left];
  const most = data.scrollY ? scrollHeight - clientHeight : scrollWidth - clientWidth;
  if (crossed(was, is, data.upperThreshold)) fire(comp, 'scrolltoupper', { direction: data.scrollY ? 'top' : 'left' });
  if (crossed(most - was, most - is, data.lowerThreshold)) fire(comp, 'scrolltolower', { direction: data.scrollY ? 'bottom' : 'right' });
  parts.at = { top: scrollTop, left: scrollLeft };
}

const swiper = {
  properties: {
    ...{ current: Number, autoplay: Boolean, interval: { type: Number, value: 5000 }, duration: { type: Number, value: 500 } },
    ...{ circular: Boolean, vertical: Boolean, indicatorDots: Boolean, indicatorColor: String, indicatorActiveColor: String },
    ...{ previousMargin: String, nextMargin: String, displayMultipleItems: { type: Number, value: 1 } },
  },
  made(comp, host, parts) {
    parts.dots = host.appendChild(node('div', { className: 'mp-dots', ariaHidden: 'true' }));
    host.addEventListener('scrollend', () => settled(comp, host));
    host.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) turn(comp, host, step, '');
    });
  },
  render(comp, host, data) {
    host.toggleAttribute('data-vertical', data.vertical);
    if (host.isConnected) arrange(comp, host, data);
    return { tabindex: '0' };
  },
  attached(comp, host) {
    queueMicrotask(() => arrange(comp, host, comp.data));
    comp.parts.timer = setInterval(() => comp.data.autoplay && turn(comp, host, 1, 'autoplay'), comp.data.interval);
  },
  detached: (comp) => clearInterval(comp.parts.timer),
};

function items(host) {
  return [...host.querySelectorAll('wx-swiper-item')];
}

function turn(comp, host, step, source) {
  const count = items(host).length;
  if (!count) return;
  const next = comp.data.circular || source === 'autoplay' ? (comp.data.current + step + count) % count : comp.data.current + step;
  if (next >= 0 && next < count) arrange(comp, host, { ...comp.data, current: next });
}

function arrange(comp, host, data) {
  const all = items(host);
  const { dots } = comp.parts;
  dots.replaceChildren(
    ...(data.indicatorDots ? all : []).map((_, at) => {
      const dot = node('span');
      dot.style.background = at === data.current ? data.indicatorActiveColor || '#000' : data.indicatorColor || 'rgba(0,0,0,.3)';
      return dot;
    }),
  );
  const found = all[data.current];
  if (found) host.scrollTo({ left: found.offsetLeft, top: data.vertical ? found.offsetTop : 0, behavior: 'auto' });
}

function settled(comp, host) {
  const size = comp.data.vertical ? host.clientHeight : host.clientWidth;
  if (!size) return;
  const current = Math.round((comp.data.vertical ? host.scrollTop : host.scrollLeft) / size);
  if (current === comp.data.current) return;
  change(comp, { current });
  const detail = { current, currentItemId: items(host)[current]?.__wxElement.data.itemId ?? '', source: 'touch' };
  fire(comp, 'change', detail);
  fire(comp, 'animationfinish', detail);
}

export const scrollers = { 'scroll-view': scrollView, swiper, 'swiper-item': { properties: { itemId: String } } };
