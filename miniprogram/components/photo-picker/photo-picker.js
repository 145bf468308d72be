/** Taking photos, with each one's way to the server: sent at once, again where it failed. */
const core = require('../../lib/core');
const { listen, unlisten, silence } = require('../../lib/live');
const camera = require('../../lib/camera');
const { openCameraSetting } = require('../../lib/permission');
const { asProblem } = require('../../lib/problem');
const { toast } = require('../../lib/page');

Component({
  properties: {
    /** ids of photos on this phone */
    ids: { type: Array, value: /** @type {any[]} */ ([]) },
    max: { type: Number, value: 9 },
    /** only the camera: evidence has the moment and the place of the shutter */
    cameraOnly: { type: Boolean, value: false },
  },
  data: { shown: /** @type {any[]} */ ([]), problem: '', denied: false, busy: false },
  observers: {
    ids() {
      this.draw();
    },
  },
  lifetimes: {
    attached() {
      listen(this, core.photos.onChange((id) => {
        if (this.data.ids.indexOf(id) >= 0) this.draw();
      }));
      this.draw();
    },
    detached() {
      unlisten(this);
      silence(this);
    },
  },
  methods: {
    draw() {
      this.setData({ shown: this.data.ids.map(core.photos.shown).filter(Boolean) });
    },
    fromCamera() {
      this.take('camera');
    },
    fromAlbum() {
      this.take('album');
    },
    async take(source) {
      if (this.data.busy) return;
      this.setData({ busy: true, problem: '', denied: false });
      try {
        const room = this.data.max - this.data.ids.length;
        const shots = await camera.take(source, Math.min(9, room));
        const added = [];
        for (const { path, shot } of shots) added.push((await core.photos.add(path, shot)).id);
        if (added.length) this.triggerEvent('change', { ids: this.data.ids.concat(added) });
        core.photos.resume(added);
      } catch (thrown) {
        const problem = asProblem(thrown);
        this.setData({ problem: problem.message, denied: problem.type === 'camera-denied' });
      }
      this.setData({ busy: false });
    },
    touch(event) {
      const { id } = event.currentTarget.dataset;
      const one = this.data.shown.find((photo) => photo.id === id);
      if (one && one.state === 'failed') {
        core.photos.upload(id).catch((thrown) => toast(thrown.message));
        return;
      }
      const urls = this.data.shown.map((photo) => photo.path);
      wx.previewImage({ urls, current: one ? one.path : urls[0], fail: () => {} });
    },
    /** The file stays until the next start: a refused report may still name it. */
    remove(event) {
      const { id } = event.currentTarget.dataset;
      this.triggerEvent('change', { ids: this.data.ids.filter((one) => one !== id) });
    },
    openSetting() {
      openCameraSetting();
    },
  },
});
