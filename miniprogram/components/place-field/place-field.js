/** Where it is: the phone's place, told by the name of its grid, corrected on the map. */
const core = require('../../lib/core');
const camera = require('../../lib/camera');
const { locate } = require('../../lib/located');
const { openPlaceSetting } = require('../../lib/permission');
const { asProblem } = require('../../lib/problem');
const { listen, unlisten, alive, silence } = require('../../lib/live');

const keyOf = (place) => (place ? `${place.longitude} ${place.latitude} ${place.coord_type}` : '');

Component({
  properties: {
    /** as it is sent; without one the phone is asked where it is */
    place: { type: Object, value: /** @type {any} */ (null) },
    /** the person's own words of where that is */
    address: { type: String, value: '' },
    fault: { type: String, value: '' },
    /** whether somebody else finds the place just now */
    held: { type: Boolean, value: false },
    /** whether own words are asked for */
    worded: { type: Boolean, value: true },
  },
  data: { name: '', looked: '', state: '', denied: false, outside: '' },
  observers: {
    'place, held'() {
      if (alive(this)) this.settle();
    },
  },
  lifetimes: {
    attached() {
      listen(this, core.onNetwork(() => {
        if (this.data.state === 'unnamed') this.look();
      }));
      this.settle();
    },
    detached() {
      unlisten(this);
      silence(this);
    },
  },
  methods: {
    /** Looks for the place by itself at the beginning, and when it was taken away; else by a tap. */
    settle() {
      const { place, held, looked, state } = this.data;
      if (held || state === 'looking') return;
      if (place && keyOf(place) !== looked) this.look();
      if (!place && (looked || !state)) {
        this.setData({ looked: '' });
        this.here();
      }
    },
    async here() {
      const before = keyOf(this.data.place);
      this.setData({ state: 'looking', denied: false });
      const found = await camera.here().then(
        (place) => ({ place, state: '', denied: false }),
        (thrown) => ({ place: null, state: thrown.message, denied: thrown.type === 'place-denied' }),
      );
      const { place, ...shown } = found;
      if (keyOf(this.data.place) !== before) {
        // One was chosen on the map meanwhile.
        this.setData({ state: '' });
        this.settle();
        return;
      }
      this.setData(shown);
      if (place) this.tell({ place, address: '' });
    },
    async pick() {
      try {
        const found = await camera.pick(this.data.place);
        if (!found) return;
        this.tell({ place: found.place, address: [found.address, found.name].filter(Boolean).join(' ') });
      } catch (thrown) {
        this.setData({ state: thrown.message, denied: thrown.type === 'place-denied' });
      }
    },
    /** The name of the grid, and what was reported around here. */
    async look() {
      const { place } = this.data;
      const looked = keyOf(place);
      this.setData({ looked, name: '', state: 'naming', denied: false, outside: '' });
      const found = await locate(core.api, place).then(
        ({ name, nearby }) => ({ name, nearby, state: '', outside: '' }),
        (thrown) => {
          const problem = asProblem(thrown);
          const outside = problem.type === 'outside-service-area' ? problem.message : '';
          return { name: '', nearby: [], state: problem.transient ? 'unnamed' : '', outside };
        },
      );
      if (!alive(this) || this.data.looked !== looked) return;
      const { nearby, ...shown } = found;
      this.setData(shown);
      this.triggerEvent('located', { name: shown.name, nearby });
    },
    typed(event) {
      this.tell({ address: event.detail.value });
    },
    tell(changes) {
      this.triggerEvent('change', changes);
    },
    openSetting() {
      openPlaceSetting(() => this.here());
    },
  },
});
