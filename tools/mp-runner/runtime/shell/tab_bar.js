// The bar below, with the app's tabs.

import { node } from '../tags/define.js';

function tab(item, onclick) {
  const icon = node('img', { alt: '' });
  const words = node('span', {}, item.text);
  const badge = node('span', { className: 'mp-badge', hidden: true });
  const button = node('button', { type: 'button', onclick }, ...(item.iconPath ? [icon] : []), words, badge);
  return { item, icon, words, badge, button };
}

export function tabBar(config, choose) {
  const list = config?.list ?? [];
  const tabs = list.map((item, index) => tab(item, () => choose(item, index)));
  const element = node('nav', { className: 'mp-tabs', ariaLabel: '主导航' }, ...tabs.map(({ button }) => button));
  let colors = { color: config?.color ?? '#666666', selectedColor: config?.selectedColor ?? '#07853f', backgroundColor: config?.backgroundColor ?? '#ffffff' };
  let selected = '';
  let allowed = true;
  const paint = () => {
    element.style.background = colors.backgroundColor;
    for (const { item, icon, button } of tabs) {
      const on = item.pagePath === selected;
      button.style.color = on ? colors.selectedColor : colors.color;
      button.toggleAttribute('aria-current', on);
      if (on) button.setAttribute('aria-current', 'page');
      const path = on ? (item.selectedIconPath ?? item.iconPath) : item.iconPath;
      if (path) icon.src = `files/${path}`;
    }
  };
  paint();
  return {
    element,
    has: (index) => Number.isInteger(index) && index >= 0 && index < list.length,
    isTab: (path) => list.some((item) => item.pagePath === path),
    select(path) {
      selected = path;
      element.hidden = !allowed || !list.some((item) => item.pagePath === path);
      paint();
    },
    badge(index, text) {
      const { badge } = tabs[index];
      badge.hidden = text === null;
      badge.textContent = text ?? '';
    },
    text: (index, words) => (tabs[index].words.textContent = words ?? tabs[index].item.text),
    style(given) {
      colors = { ...colors, ...Object.fromEntries(Object.entries(given).filter(([name]) => name in colors)) };
      paint();
    },
    show(on) {
      allowed = on;
      element.hidden = !on;
    },
  };
}
