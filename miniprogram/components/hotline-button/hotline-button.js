/** One button that calls the citizens' hotline. */
const { hotline } = require('../../lib/config');
const { call } = require('../../lib/page');

Component({
  properties: {
    /** quiet, danger or nothing: how the button looks */
    tone: { type: String, value: '' },
    big: { type: Boolean, value: false },
  },
  data: { hotline },
  methods: {
    call() {
      call(hotline);
    },
  },
});
