// Where parts find each other that are made one after the other: `wx`, the shell with its pages.

export const hub = { wx: null, shell: null, app: null };
