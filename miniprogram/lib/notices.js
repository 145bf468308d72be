/** The inbox, and how many of it are unread. */
const { makeListeners } = require('./listeners');

/** Where a notice leads. @param {any} notice */
function target(notice) {
  if (notice.report_id) return `/pages/report/detail?id=${notice.report_id}`;
  if (notice.case_number) return `/pages/case/detail?number=${encodeURIComponent(notice.case_number)}`;
  return '';
}

/** @param {{api: any}} edges */
function makeNotices({ api }) {
  const changed = makeListeners();
  let unread = 0;

  function set(number) {
    unread = number;
    changed.tell(unread);
  }

  return {
    unread: () => unread,
    /** Takes the number from an answer of GET /me. */
    set,
    page: (cursor) => api.get('/api/v1/notices', { cursor, limit: 30 }),
    /** Marks them; what fails is marked the next time. @param {string[]} ids */
    async read(ids) {
      if (ids.length === 0) return;
      const answer = await api.post('/api/v1/notices/read', { ids });
      set(Math.max(0, unread - answer.read));
    },
    onChange: changed.on,
  };
}

module.exports = { makeNotices, target };
