/** Cases that wait for me: by time, by distance, on a map; what was last read where there is no network. */
const core = require('../../lib/core');
const staff = require('../../lib/staff');
const tasks = require('../../lib/tasks');
const camera = require('../../lib/camera');
const { openPlaceSetting } = require('../../lib/permission');
const { failure, toast } = require('../../lib/page');
const { listen, unlisten, alive } = require('../../lib/live');
const { go } = require('../../lib/route');

Component({
  properties: {
    tick: { type: Number, value: 0 },
  },
  data: {
    view: 'due',
    rows: /** @type {any[]} */ ([]),
    markers: /** @type {any[]} */ ([]),
    points: /** @type {any[]} */ ([]),
    centre: /** @type {any} */ (null),
    borders: /** @type {any[]} */ ([]),
    chosen: /** @type {any} */ (null),
    figures: { open: 0, today: 0, late: 0 },
    here: /** @type {any} */ (null),
    placeProblem: '',
    denied: false,
    patrols: false,
    state: 'loading',
    message: '',
    stale: '',
  },
  observers: {
    tick() {
      this.load();
    },
  },
  lifetimes: {
    attached() {
      listen(this, core.outbox.onChange((item) => {
        if (item.state === 'sent' && item.kind === 'action') {
          toast(`${item.title}，已送达`);
          this.load();
        } else this.draw();
      }), core.onNetwork(() => this.load()));
      core.subscribe.prepare(true);
    },
    detached() {
      unlisten(this);
    },
  },
  methods: {
    async load() {
      this.setData({ patrols: staff.hasRole('grid_worker') });
      try {
        const items = await staff.cases.mine();
        if (!alive(this)) return;
        this.setData({ stale: '' });
        this.draw();
        this.silentlyHere();
        if (await staff.cases.ahead(items)) this.draw();
      } catch (thrown) {
        this.failed(thrown);
      }
    },
    failed(thrown) {
      if (!alive(this)) return;
      const { message, offline } = failure(thrown);
      if (staff.cases.keptMine()) {
        this.setData({ stale: offline ? '没有网络，下面是上次看到的' : `${message}。下面是上次看到的` });
        this.draw();
      } else this.setData({ state: offline ? 'offline' : 'error', message });
    },
    draw() {
      if (!alive(this)) return;
      const items = staff.cases.keptMine();
      if (!items) return;
      const { view, here } = this.data;
      const now = core.phone.now();
      const all = tasks.rows(items, { kept: staff.cases.kept, here, waiting: staff.waiting, now });
      const rows = view === 'due' ? tasks.byDue(all) : tasks.byDistance(all);
      this.setData({
        rows,
        figures: tasks.figures(all, now),
        state: rows.length ? '' : 'empty',
        message: rows.length ? '' : '现在没有等您办的',
        ...(view === 'map' ? this.drawn(rows) : {}),
      });
    },
    drawn(rows) {
      const points = rows.map((row) => row.place).concat(this.data.here || []);
      return { markers: tasks.markers(rows), points, centre: points[0] || null };
    },
    /** The place is asked for only when somebody wants to know what is near. */
    async silentlyHere() {
      try {
        if (await camera.mayLocate()) await this.locate();
      } catch (_) {
        // Without a place the list has no distances; it is asked for by a tap.
      }
    },
    async locate() {
      this.setData({ placeProblem: '', denied: false });
      try {
        this.setData({ here: await camera.here() });
      } catch (thrown) {
        this.setData({ placeProblem: thrown.type === 'place-denied' ? '没有位置权限，只能按时限排' : '没有取到位置，先按时限排', denied: thrown.type === 'place-denied' });
      }
      this.draw();
    },
    async choose(event) {
      const { view } = event.currentTarget.dataset;
      this.setData({ view, chosen: null });
      this.draw();
      if (view === 'map') core.nearby.borders().then((borders) => this.setData({ borders }), () => {});
      if (view !== 'due' && !this.data.here) await this.locate();
    },
    mark(event) {
      this.setData({ chosen: this.data.rows[event.detail.markerId] || null });
    },
    open(event) {
      go(`/pages/case/detail?number=${encodeURIComponent(event.currentTarget.dataset.number)}`);
    },
    patrol() {
      go('/pages/patrol/patrol');
    },
    numbers() {
      go('/pages/figures/figures');
    },
    openSetting() {
      openPlaceSetting(() => this.locate());
    },
  },
});
