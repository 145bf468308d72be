/** Two taps: solved or not, then how content. Who says not solved says why; the case is reopened. */
const RATINGS = [
  { rating: 5, name: '很满意' },
  { rating: 4, name: '满意' },
  { rating: 3, name: '一般' },
  { rating: 2, name: '不满意' },
  { rating: 1, name: '很不满意' },
];
const REASONS = ['没人来处理过', '没处理干净', '处理后又出现了', '和答复说的不一样', '其他'];
/** How content somebody is for whom nothing was solved, unless they say otherwise. */
const UNSOLVED_RATING = 1;

Component({
  properties: {
    /** what was entered before, kept by the page */
    draft: { type: Object, value: /** @type {any} */ ({}) },
    busy: { type: Boolean, value: false },
  },
  data: { ratings: RATINGS, low: RATINGS.slice(2), reasons: REASONS, fault: '' },
  methods: {
    change(changes) {
      this.triggerEvent('change', { ...this.data.draft, ...changes });
    },
    solved() {
      this.change({ solved: true });
    },
    unsolved() {
      this.change({ solved: false, rating: UNSOLVED_RATING });
    },
    back() {
      this.change({ solved: null });
    },
    rate(event) {
      this.triggerEvent('send', { solved: true, rating: Number(event.currentTarget.dataset.rating), photos: [] });
    },
    low(event) {
      this.change({ rating: Number(event.currentTarget.dataset.rating) });
    },
    reason(event) {
      this.setData({ fault: '' });
      this.change({ reason: event.currentTarget.dataset.reason });
    },
    typed(event) {
      this.change({ words: event.detail.value });
    },
    photos(event) {
      this.change({ photos: event.detail.ids });
    },
    send() {
      const { reason, words, rating, photos } = this.data.draft;
      const more = (words || '').trim();
      if (!reason && !more) {
        this.setData({ fault: '请选一个原因，或者写两句' });
        return;
      }
      const comment = [reason === '其他' && more ? '' : reason, more].filter(Boolean).join('：');
      this.triggerEvent('send', { solved: false, rating, comment, photos: photos || [] });
    },
  },
});
