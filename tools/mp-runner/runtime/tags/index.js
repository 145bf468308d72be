// All tags of the allow-list that are components; block, slot, template, import, include and wxs
// belong to the compiler.

import { basic } from './basic.js';
import { choices } from './choices.js';
import { defineTag } from './define.js';
import { button, form, label } from './forms.js';
import { map } from './map.js';
import { pickers } from './pickers.js';
import { scrollers } from './scrollers.js';
import { input, textarea } from './text_fields.js';

export const TAGS = { ...basic, ...choices, ...pickers, ...scrollers, button, form, label, input, textarea, map };

export function defineTags(space) {
  for (const [name, spec] of Object.entries(TAGS)) defineTag(space, name, spec);
}
