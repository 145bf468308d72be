/**
 * The form of any action, as lib/acting shapes it from what the server offers. Tells each change
 * of a value at once: the page keeps it.
 */
const core = require('../../lib/core');
const camera = require('../../lib/camera');
const { openPlaceSetting } = require('../../lib/permission');
const words = require('../../lib/words');
const { go } = require('../../lib/route');

const MOST_WORDS = 500;
const DEFAULT_TIME = '17:00';

Component({
  properties: {
    fields: { type: Array, value: /** @type {any[]} */ ([]) },
    /** where a map begins, GCJ-02 */
    from: { type: Object, value: /** @type {any} */ (null) },
    /** the draft that the page of categories writes to */
    draft: { type: String, value: '' },
    locked: { type: Boolean, value: false },
  },
  data: { today: '', most: MOST_WORDS, problem: '', denied: false },
  lifetimes: {
    attached() {
      this.setData({ today: words.day(core.phone.now()) });
    },
  },
  methods: {
    tell(name, value) {
      this.triggerEvent('change', { name, value });
    },
    typed(event) {
      this.tell(event.currentTarget.dataset.name, event.detail.value);
    },
    choose(event) {
      const { name, value, on } = event.currentTarget.dataset;
      const field = this.data.fields.find((one) => one.name === name);
      this.tell(name, on && field && !field.required ? '' : value);
    },
    clear(event) {
      this.tell(event.currentTarget.dataset.name, '');
    },
    pickOne(event) {
      const { name } = event.currentTarget.dataset;
      const field = this.data.fields.find((one) => one.name === name);
      const chosen = field && field.choices[Number(event.detail.value)];
      if (chosen) this.tell(name, chosen.value);
    },
    date(event) {
      const { name, time } = event.currentTarget.dataset;
      this.tell(name, words.moment(event.detail.value, time || DEFAULT_TIME));
    },
    time(event) {
      const { name, date } = event.currentTarget.dataset;
      this.tell(name, words.moment(date || this.data.today, event.detail.value));
    },
    photos(event) {
      this.triggerEvent('photos', { ids: event.detail.ids });
    },
    category() {
      this.triggerEvent('leave');
      go(`/pages/report/category?draft=${encodeURIComponent(this.data.draft)}`);
    },
    async pick(event) {
      const { name } = event.currentTarget.dataset;
      await this.place(async () => {
        const found = await camera.pick(this.data.from);
        if (found) this.tell(name, { ...found.place, said: [found.address, found.name].filter(Boolean).join(' ') || '地图上选的位置' });
      });
    },
    async here(event) {
      const { name } = event.currentTarget.dataset;
      await this.place(async () => {
        const found = await camera.here();
        this.tell(name, { ...found, said: `我现在的位置（误差约 ${found.accuracy_m} 米）` });
      });
    },
    async place(what) {
      this.setData({ problem: '', denied: false });
      try {
        await what();
      } catch (thrown) {
        this.setData({ problem: thrown.message, denied: thrown.type === 'place-denied' });
      }
    },
    openSetting() {
      openPlaceSetting();
    },
  },
});
