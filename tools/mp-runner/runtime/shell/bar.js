// A page's navigation bar: title, way back, colours.

import { node } from '../tags/define.js';

/** What the platform calls white and black. */
const TEXT = { white: '#ffffff', black: '#000000' };

export function navigationBar(config, { canGoBack, goBack, goHome }) {
  const heading = node('div', { className: 'mp-title', role: 'heading', ariaLevel: '1' }, config.navigationBarTitleText ?? '');
  const wait = node('span', { className: 'mp-title-wait', role: 'status', hidden: true }, '◌');
  const back = node('button', { type: 'button', className: 'mp-back', ariaLabel: '返回', onclick: goBack }, '‹');
  const home = node('button', { type: 'button', className: 'mp-back', ariaLabel: '返回首页', onclick: goHome }, '⌂');
  const capsule = node('span', { className: 'mp-capsule', ariaHidden: 'true' }, '•••', node('i'), '◉');
  const way = node('span', { className: 'mp-way' });
  if (canGoBack) way.append(back);
  else if (goHome) way.append(home);
  const element = node('header', { className: 'mp-bar-top' }, way, node('div', { className: 'mp-titles' }, wait, heading), capsule);
  if (config.navigationStyle === 'custom') element.classList.add('mp-custom');
  const paint = (front, background) => {
    if (front) element.style.color = front;
    if (background) element.style.background = background;
  };
  paint(TEXT[config.navigationBarTextStyle ?? 'white'], config.navigationBarBackgroundColor ?? '#000000');
  return {
    element,
    title(words) {
      heading.textContent = words;
      document.title = words;
    },
    titleText: () => heading.textContent,
    colors: ({ frontColor, backgroundColor }) => paint(frontColor, backgroundColor),
    loading: (on) => (wait.hidden = !on),
    hideHome: () => home.remove(),
  };
}
