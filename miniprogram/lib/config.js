/** What the mini program is set to: its server, its bounds. */
const { baseUrl, developUrl, hotline, numbers } = require('../config');

/** The version of the text in pages/privacy that people agree to; a new text is a new version. */
const PRIVACY_VERSION = '2026-11';

const LIMITS = {
  photos: 9,
  words: 500,
  /** Photos above this are compressed again before they are kept, bytes. */
  photoBytes: 1200 * 1024,
  photoWidth: 2048,
};

/** The server of this version, without a slash at its end. @param {string} version develop, trial or release */
function serverOf(version) {
  return ((version === 'develop' && developUrl) || baseUrl).replace(/\/+$/, '');
}

module.exports = { serverOf, hotline, numbers, LIMITS, PRIVACY_VERSION };
