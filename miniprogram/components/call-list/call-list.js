/** Whom to call first where there is danger. */
const { calls } = require('../../lib/catalogue');
const { hotline, numbers } = require('../../lib/config');
const { call } = require('../../lib/page');

Component({
  properties: {
    /** as the catalogue tells them: 119 消防救援 */
    told: { type: Array, value: /** @type {any[]} */ ([]) },
  },
  data: { list: /** @type {any[]} */ ([]) },
  observers: {
    told(told) {
      this.setData({ list: calls(told, numbers, hotline) });
    },
  },
  methods: {
    call(event) {
      call(event.currentTarget.dataset.number);
    },
  },
});
