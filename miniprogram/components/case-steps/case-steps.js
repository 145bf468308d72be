/** What happened with a case: who, when, in which words, with which photos. */
Component({
  properties: {
    /** as of lib/acting step() */
    steps: { type: Array, value: /** @type {any[]} */ ([]) },
  },
});
