/** A released picture before and one after, side by side. */
Component({
  properties: {
    before: { type: String, value: '' },
    after: { type: String, value: '' },
  },
  methods: {
    open(event) {
      const urls = [this.data.before, this.data.after].filter(Boolean);
      wx.previewImage({ urls, current: event.currentTarget.dataset.url, fail: () => {} });
    },
  },
});
