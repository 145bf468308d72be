/** What the mini program is set to: its server, its bounds. */
const { servers, hotline, numbers } = require('./servers');

/** The version of privacy.wxml that people agree to; a new text is a new version. */
const PRIVACY_VERSION = '2026-11';

const LIMITS = {
  photos: 9,
  words: 500,
  /** Photos above this are compressed again before they are kept. */
  photoBytes: 1200 * 1024,
  photoWidth: 2048,
};

/**
 * The server of this version, without a slash at its end.
 * @param {string} version develop, trial or release
 */
function baseUrl(version) {
  return (servers[version] || servers.release).replace(/\/+$/, '');
}

module.exports = { baseUrl, hotline, numbers, LIMITS, PRIVACY_VERSION };
