/** A patrol report: what a grid worker found, and where it was put right at once, how. Pure. */
const { bodyOf: reportBody, missing: reportMissing, faultsOf: reportFaults } = require('./reports');

/** @param {any} draft @param {any} category */
function bodyOf(draft, category) {
  /** @type {any} */
  const body = { ...reportBody(draft, category), patrol: true };
  if (draft.solved && (draft.comment || '').trim()) body.comment = draft.comment.trim();
  return body;
}

/** Fields of photos → the photos. @param {any} draft */
function photosOf(draft) {
  const found = { photo_ids: draft.photos };
  if (draft.solved) found.after_photo_ids = draft.after_photos || [];
  return found;
}

/** What is missing, by part of the page. @param {any} draft @param {any} category */
function missing(draft, category) {
  const faults = reportMissing(draft, category, draft.photos);
  if (faults.photos) faults.photos = `“${category.name}”至少要 ${category.min_photos} 张照片`;
  if (faults.category && !draft.unsure) faults.category = '请选类别';
  if (!draft.solved) return faults;
  if (!draft.photos.length) faults.photos = '自办要有处置前的照片';
  if (!(draft.after_photos || []).length) faults.after = '自办要有处置后的照片';
  if (!(draft.comment || '').trim()) faults.comment = '请写明做了什么';
  return faults;
}

/** A refusal by part of the page. @param {any} problem as kept */
function faultsOf(problem) {
  const faults = reportFaults(problem);
  (problem.faults || []).forEach(({ pointer, message }) => {
    const [, name, at] = pointer.split('/');
    const part = { after_photo_ids: 'after', comment: 'comment', photo_ids: 'photos' }[name];
    if (!part) return;
    const said = at === undefined ? message : `第 ${Number(at) + 1} 张：${message}`;
    const before = part === 'photos' && faults.photos === message ? '' : faults[part];
    faults[part] = before && before.indexOf(said) < 0 ? `${before}；${said}` : said;
  });
  return faults;
}

module.exports = { bodyOf, photosOf, missing, faultsOf };
