/**
 * Methods that pages share on which something is written, most of them reports: all that is entered is kept under
 * `data.name` at once, and is there again after a kill. The page adds its own `draw()`.
 */
const core = require('./core');
const { toast } = require('./page');
const { go } = require('./route');

const isEmpty = (draft) => !draft.photos.length && !(draft.words || '').trim() && !draft.category;

/** When the page is shown: the category is chosen on another page, which writes it to the draft. @this {any} */
function takeUp() {
  const { name, draft: before } = this.data;
  if (core.drafts.has(name)) this.setData({ draft: core.drafts.open(name) });
  const { photos, after_photos, category, unsure } = this.data.draft;
  if (category !== before.category || unsure !== before.unsure) this.setData({ 'faults.category': '', 'faults.words': '' });
  core.photos.resume(photos.concat(after_photos || []));
  this.draw();
}

/** @this {any} @param {any} changes */
function save(changes) {
  const draft = { ...this.data.draft, ...changes };
  this.setData({ draft });
  try {
    core.drafts.save(this.data.name, draft);
  } catch (thrown) {
    toast(thrown.message);
  }
}

/** When the page is left: an empty draft is none. @this {any} */
function dropEmpty() {
  const { draft, name } = this.data;
  if (isEmpty(draft) && core.drafts.has(name)) core.drafts.drop(name);
}

/** @this {any} @param {any} event of place-field */
function place({ detail }) {
  this.save(detail);
  if (detail.place) this.setData({ 'faults.place': '' });
}

/** @this {any} @param {any} event of photo-picker */
function photos({ detail }) {
  this.save({ photos: detail.ids });
  this.setData({ 'faults.photos': '' });
}

/** @this {any} @param {any} event of extra-fields */
function answers({ detail }) {
  this.save({ attributes: detail.answers });
  this.setData({ answers: detail.answers });
}

/** @this {any} */
function choose() {
  this.save({});
  go(`/pages/report/category?draft=${encodeURIComponent(this.data.name)}`);
}

/** Photos that the server does not take, as faults of the page. @param {any} draft */
function refusedPhotos(draft) {
  const faults = {};
  [['photos', draft.photos], ['after', draft.after_photos || []]].forEach(([part, ids]) => {
    const at = ids.findIndex((id) => (core.photos.shown(id) || {}).state === 'refused');
    if (at >= 0) faults[part] = `第 ${at + 1} 张：${core.photos.shown(ids[at]).words}`;
  });
  return faults;
}

/** Tells the first fault and shows where it is. @param {any} faults by part, at least one */
function sayFault(faults) {
  const [first] = Object.keys(faults);
  toast(faults[first]);
  if (first === 'photos' || first === 'place') wx.pageScrollTo({ scrollTop: 0, duration: 0 });
}

module.exports = { takeUp, save, dropEmpty, place, photos, answers, choose, refusedPhotos, sayFault };
