/** Words, with photos where they help: a supplement, an answer, an appeal. */
Component({
  properties: {
    title: { type: String, value: '' },
    hint: { type: String, value: '' },
    action: { type: String, value: '提交' },
    draft: { type: Object, value: /** @type {any} */ ({}) },
    withPhotos: { type: Boolean, value: true },
    /** words may be left out where there are photos */
    wordsOptional: { type: Boolean, value: false },
    busy: { type: Boolean, value: false },
  },
  data: { fault: '' },
  methods: {
    typed(event) {
      this.setData({ fault: '' });
      this.triggerEvent('change', { ...this.data.draft, words: event.detail.value });
    },
    photos(event) {
      this.triggerEvent('change', { ...this.data.draft, photos: event.detail.ids });
    },
    send() {
      const words = (this.data.draft.words || '').trim();
      const photos = this.data.draft.photos || [];
      if (!words && !(this.data.wordsOptional && photos.length)) {
        this.setData({ fault: this.data.wordsOptional ? '请写两句，或者加照片' : '请写两句' });
        return;
      }
      this.triggerEvent('send', { words, photos });
    },
    cancel() {
      this.triggerEvent('cancel');
    },
  },
});
