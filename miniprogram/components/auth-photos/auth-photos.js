/** Photos that only some may see, fetched with the person's own token. */
const core = require('../../lib/core');
const { listen, unlisten, silence } = require('../../lib/live');

Component({
  properties: {
    ids: { type: Array, value: /** @type {any[]} */ ([]) },
    /** what they show, for who cannot see them */
    label: { type: String, value: '照片' },
  },
  data: { shown: /** @type {any[]} */ ([]) },
  observers: {
    ids() {
      this.load();
    },
  },
  lifetimes: {
    attached() {
      listen(this, core.onNetwork(() => this.again()));
    },
    detached() {
      unlisten(this);
      silence(this);
    },
  },
  methods: {
    load() {
      const ids = this.data.ids;
      if (ids.join() === this.data.shown.map((one) => one.id).join()) return;
      this.setData({ shown: ids.map((id) => ({ id, path: '', failed: false })) });
      ids.forEach((id) => this.fetch(id));
    },
    again() {
      this.data.shown.filter((one) => one.failed).forEach((one) => this.fetch(one.id));
    },
    async fetch(id) {
      const at = this.data.ids.indexOf(id);
      try {
        const path = await core.api.picture(id, 'thumb');
        this.setData({ [`shown[${at}].path`]: path, [`shown[${at}].failed`]: false });
      } catch (_) {
        this.setData({ [`shown[${at}].failed`]: true });
      }
    },
    async open(event) {
      const { id } = event.currentTarget.dataset;
      const one = this.data.shown.find((photo) => photo.id === id);
      if (one && one.failed) {
        this.fetch(id);
        return;
      }
      try {
        const large = await core.api.picture(id, 'large');
        wx.previewImage({ urls: [large], fail: () => {} });
      } catch (_) {
        wx.showToast({ title: '照片暂时看不了', icon: 'none' });
      }
    },
  },
});
