// The framework's way to the document: names of hosts, styles, and no native events by itself.
// Which events there are, and when, `gestures.js` and the tags decide.

import { glassEasel } from 'glass-easel-miniprogram-adapter';
import { browserUnits } from '../units.mjs';

const INSIDE = new Set(['virtual']);

export class Backend extends glassEasel.CurrentWindowBackendContext {
  constructor() {
    super();
    this.document = /** @type {any} */ ({
      createElement: (tag) => document.createElement(INSIDE.has(tag) || tag.startsWith('wx-') ? tag : `wx-${tag}`),
      createTextNode: (text) => document.createTextNode(text),
      createDocumentFragment: () => document.createDocumentFragment(),
    });
  }

  /** Listeners never become native ones: `input` of a tag is not `input` of the browser. */
  setListenerStats() {}

  setModelBindingStat() {}
}

/** Styles set in templates know rpx and vh as well. */
export function convertInlineStyles() {
  const set = glassEasel.Element.prototype.setNodeStyle;
  glassEasel.Element.prototype.setNodeStyle = function (text, index) {
    return set.call(this, browserUnits(text), index);
  };
}

/** The framework's element of a node of the document, or of one around it. */
export function elementOf(node) {
  for (let at = node; at; at = at.parentNode) if (at.__wxElement) return at.__wxElement;
  return null;
}

export function emit(element, type, detail = {}, options = {}) {
  glassEasel.triggerEvent(element, type, detail, options);
}
