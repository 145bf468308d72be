// Errors of the mini program: told to it, and to the console, where tests see them.

const listeners = new Set();

export function onError(listener) {
  listeners.add(listener);
}

export function offError(listener) {
  listeners.delete(listener);
}

export function report(wrong) {
  console.error(wrong);
  const words = `${wrong?.stack ?? wrong}`;
  for (const listener of [...listeners]) listener(words);
}

/** Calls a method of the mini program, where there is one. */
export function attempt(owner, name, ...given) {
  const method = owner?.[name];
  if (typeof method !== 'function') return undefined;
  try {
    return method.apply(owner, given);
  } catch (wrong) {
    report(wrong);
    return undefined;
  }
}
