// Tags, attributes and events against the allow-list.

const EVERYWHERE = /^(class|style|id|hidden|slot|tabindex|generic:.+|slot:.+|data-.+|mark:.+|change:.+)$/;
const CONTROL = /^wx:(if|elif|else|for|for-item|for-index|for-items|key)$/;
const LISTENER = /^(?:capture-bind|capture-catch|mut-bind|bind|catch)(:?)(.+)$/;

/**
 * Checks the tags of one template as a component sees it.
 *
 * @param tags what `tagsOf` found
 * @param known allow; using: names of custom components; methods: names or null (cannot be told);
 *   templates: names that `template is` may take
 * @param say takes a line and words
 */
export function checkTags(tags, known, say) {
  for (const tag of tags) {
    const custom = known.using.has(tag.name);
    const builtin = Object.hasOwn(known.allow.tags, tag.name) && known.allow.tags[tag.name];
    if (!custom && !builtin) {
      say(tag.line, `<${tag.name}> is neither a tag of the allow-list nor in usingComponents`);
      continue;
    }
    for (const attribute of tag.attributes) {
      checkAttribute(tag.name, attribute, custom ? null : builtin, known, say);
    }
    if (!custom) checkValues(tag, builtin, known, say);
  }
}

function checkAttribute(tag, { name, value, line }, builtin, known, say) {
  if (EVERYWHERE.test(name) || CONTROL.test(name)) return;
  if (name.startsWith('aria-')) {
    if (!known.allow.aria.includes(name)) say(line, `${name} is not in the allow-list`);
    return;
  }
  const plain = name.replace(/^model:/, '');
  if (builtin === null ? !LISTENER.test(name) : builtin.attributes.includes(plain)) return;
  const listener = LISTENER.exec(name);
  if (!listener) {
    say(line, `<${tag}> has no attribute ${name} in the allow-list`);
    return;
  }
  const event = listener[2];
  if (builtin && !builtin.events.includes(event) && !known.allow.everyEvent.includes(event)) {
    say(line, `<${tag}> has no event ${event} in the allow-list`);
  }
  const plainName = value && !value.includes('{{');
  if (plainName && known.methods && !known.methods.has(value)) {
    say(line, `there is no method ${value} for ${name}`);
  }
}

function checkValues(tag, builtin, known, say) {
  const literal = (name) => {
    const found = tag.attributes.find((one) => one.name === name);
    return found && found.value && !found.value.includes('{{') ? found : null;
  };
  const openType = tag.name === 'button' && literal('open-type');
  if (openType && !builtin.openTypes.includes(openType.value)) {
    say(openType.line, `open-type ${openType.value} is not in the allow-list`);
  }
  const mode = builtin.modes && literal('mode');
  if (mode && !builtin.modes.includes(mode.value)) {
    say(mode.line, `<${tag.name}> has no mode ${mode.value} in the allow-list`);
  }
  const template = tag.name === 'template' && literal('is');
  if (template && !known.templates.has(template.value)) {
    say(template.line, `there is no template ${template.value}`);
  }
}
