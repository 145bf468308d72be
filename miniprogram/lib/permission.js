/** Where a person can still allow what was refused. */

/**
 * The place: in the phone's settings where WeChat itself is not allowed it, else in those of the
 * mini program.
 * @param {() => void} [done]
 */
function openPlaceSetting(done = () => {}) {
  const how = { success: () => done(), fail: () => {} };
  if (wx.getAppAuthorizeSetting().locationAuthorized === 'denied') wx.openAppAuthorizeSetting(how);
  else wx.openSetting(how);
}

/** Camera and album: the phone's own settings, WeChat has none of its own. */
function openCameraSetting() {
  wx.openAppAuthorizeSetting({ fail: () => {} });
}

module.exports = { openPlaceSetting, openCameraSetting };
