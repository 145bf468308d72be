// Tags without much behaviour: view, text, image, icon, progress, rich-text, navigator, page-meta.

import { address } from '../files.js';
import { hub } from '../hub.js';
import { fire, node } from './define.js';

const plain = {};

const text = {
  properties: { userSelect: Boolean, selectable: Boolean, space: String },
  render(comp, host, data) {
    host.toggleAttribute('data-selectable', data.userSelect || data.selectable);
    host.toggleAttribute('data-space', Boolean(data.space));
  },
};

const view = { properties: { hoverClass: String, hoverStartTime: Number, hoverStayTime: Number, hoverStopPropagation: Boolean } };

const image = {
  properties: { src: String, mode: { type: String, value: 'scaleToFill' }, lazyLoad: Boolean, showMenuByLongpress: Boolean, webp: Boolean },
  made(comp, host, parts) {
    parts.picture = host.appendChild(
      node('img', {
        alt: '',
        draggable: false,
        onload: ({ target }) => fire(comp, 'load', { width: target.naturalWidth, height: target.naturalHeight }),
        onerror: () => fire(comp, 'error', { errMsg: `GET ${comp.data.src} failed` }),
      }),
    );
  },
  render(comp, host, data) {
    const { picture } = comp.parts;
    host.dataset.mode = data.mode;
    picture.loading = data.lazyLoad ? 'lazy' : 'eager';
    picture.alt = data.ariaRole ? '' : (data.ariaLabel ?? '');
    if (comp.parts.shown === data.src) return;
    comp.parts.shown = data.src;
    const found = hub.shell ? hub.shell.local(address(data.src)) : address(data.src);
    if (found) picture.src = found;
    else picture.removeAttribute('src');
    if (data.src && !found) queueMicrotask(() => fire(comp, 'error', { errMsg: `${data.src} not found` }));
  },
};

const coverImage = { ...image, properties: { src: String, mode: { type: String, value: 'scaleToFill' } } };

const ICONS = { success: '✓', success_no_circle: '✓', info: 'i', warn: '!', waiting: '…', cancel: '×', download: '↓', search: '⌕', clear: '×' };
const ICON_COLORS = { success: '#07853f', success_no_circle: '#07853f', info: '#10629d', warn: '#c53030', waiting: '#10629d', cancel: '#c53030', clear: '#666' };

const icon = {
  properties: { type: String, size: { type: null, value: 23 }, color: String },
  role: 'img',
  made(comp, host, parts) {
    parts.mark = host.appendChild(node('span', { ariaHidden: 'true' }));
  },
  render({ parts }, host, { type, size, color }) {
    const px = parseFloat(size) || 23;
    parts.mark.textContent = ICONS[type] ?? '';
    Object.assign(parts.mark.style, { width: `${px}px`, height: `${px}px`, fontSize: `${px * 0.7}px` });
    parts.mark.style.background = color || ICON_COLORS[type] || '#666';
    return { ariaLabel: type };
  },
};

const progress = {
  properties: {
    ...{ percent: Number, showInfo: Boolean, strokeWidth: { type: null, value: 6 }, borderRadius: null, fontSize: null },
    ...{ activeColor: String, backgroundColor: String, active: Boolean, duration: Number },
  },
  role: 'progressbar',
  made(comp, host, parts) {
    parts.bar = node('span', { className: 'mp-bar' });
    parts.track = host.appendChild(node('span', { className: 'mp-track' }, parts.bar));
    parts.info = host.appendChild(node('span', { className: 'mp-info' }));
  },
  render({ parts }, host, data) {
    const percent = Math.max(0, Math.min(100, data.percent || 0));
    parts.bar.style.width = `${percent}%`;
    parts.bar.style.background = data.activeColor || '#07853f';
    parts.track.style.background = data.backgroundColor || '#ebebeb';
    parts.track.style.height = `${parseFloat(data.strokeWidth) || 6}px`;
    parts.info.textContent = data.showInfo ? `${percent}%` : '';
    return { ariaValuenow: percent, ariaValuemin: 0, ariaValuemax: 100 };
  },
};

const RICH = new Set('div p span b strong i em u br ul ol li h1 h2 h3 h4 h5 h6'.split(' '));

function rich(nodes) {
  if (typeof nodes === 'string') return [document.createTextNode(nodes)];
  return (nodes ?? []).map((one) => {
    if (one.type === 'text') return document.createTextNode(one.text ?? '');
    const made = document.createElement(RICH.has(one.name) ? one.name : 'span');
    if (one.attrs?.style) made.style.cssText = one.attrs.style;
    if (one.attrs?.class) made.className = one.attrs.class;
    made.append(...rich(one.children));
    return made;
  });
}

const richText = {
  properties: { nodes: { type: null, value: '' }, space: String },
  render: (comp, host, { nodes }) => void host.replaceChildren(...rich(nodes)),
};

const WAYS = { navigate: 'navigateTo', redirect: 'redirectTo', switchTab: 'switchTab', reLaunch: 'reLaunch', navigateBack: 'navigateBack' };

const navigator = {
  properties: { url: String, openType: { type: String, value: 'navigate' }, delta: { type: Number, value: 1 }, target: String, hoverClass: String },
  role: 'link',
  made(comp, host) {
    host.addEventListener('click', () => {
      const { url, delta, openType } = comp.data;
      hub.wx[WAYS[openType] ?? 'navigateTo']({ url, delta, fail: (wrong) => console.error(wrong.errMsg) });
    });
  },
};

const pageMeta = {
  properties: {
    ...{ pageFontSize: String, rootFontSize: String, pageStyle: String, rootBackgroundColor: String },
    ...{ backgroundColor: String, backgroundTextStyle: String },
  },
  render: (comp, host) => void meta(comp, host),
  attached: meta,
};

function meta({ data }, host) {
  const page = host.closest('.mp-page');
  if (!page) return;
  const root = host.closest('wx-page');
  page.dataset.rootFontSize = data.rootFontSize === 'system' ? '' : data.rootFontSize;
  if (data.pageStyle) root.style.cssText = data.pageStyle;
  root.style.fontSize = data.pageFontSize === 'system' ? 'var(--system-font-size)' : data.pageFontSize;
  const background = data.rootBackgroundColor || data.backgroundColor;
  if (background) page.style.background = background;
  hub.shell?.applyRootFont(page);
}

export const basic = {
  ...{ view, text, image, icon, progress, navigator, 'rich-text': richText, 'page-meta': pageMeta },
  ...{ 'cover-view': plain, 'cover-image': coverImage },
};
