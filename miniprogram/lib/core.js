/** The parts, put together with this phone. Pages take what they need from here. */
const phone = require('./phone');
const { serverOf } = require('./config');
const { makeStore, yielding } = require('./store');
const { makeListeners } = require('./listeners');
const { makeSession } = require('./session');
const { makeApi } = require('./api');
const { makePhotos } = require('./photos');
const { makeOutbox } = require('./outbox');
const { makeDrafts } = require('./drafts');
const { makeCatalogue } = require('./catalogue');
const { makeElder } = require('./elder');
const { makeSubscribe } = require('./subscribe');
const { makeNotices } = require('./notices');
const { makePrivacy } = require('./privacy');
const { makeNearby } = require('./nearby');
const { recoverReport } = require('./reports');

const base = serverOf(wx.getAccountInfoSync().miniProgram.envVersion);
const settings = makeStore(phone.storage, 'set:');
/** For what cannot be read again: the rest gives way to it. */
const storage = yielding(phone.storage);
const own = makeStore(storage, 'set:');
const session = makeSession({ phone, store: own, base });
const api = makeApi({ phone, session, base });
const photos = makePhotos({ phone, api, session, store: makeStore(storage, 'photo:') });
const outbox = makeOutbox({ phone, api, photos, session, store: makeStore(storage, 'out:'), recover: { report: recoverReport } });
const drafts = makeDrafts({ store: makeStore(storage, 'draft:'), newId: phone.newId });
const catalogue = makeCatalogue({ api, store: settings });
const elder = makeElder({ store: own });
const privacy = makePrivacy({ store: own, api, session, now: phone.now, wechatAsks: phone.privacyAsks });
const notices = makeNotices({ api });
const nearby = makeNearby({ api, store: settings, now: phone.now });
const subscribe = makeSubscribe({
  api,
  ask: (tmplIds) => phone.promised(wx.requestSubscribeMessage, { tmplIds }),
});

const network = makeListeners();

/** What a kill left behind is put right, then what waits is sent; again whenever network comes. */
function start() {
  drafts.dropSent(outbox.holds);
  outbox.restart();
  outbox.onChange(() => drafts.dropSent(outbox.holds));
  photos.sweep(outbox.photos().concat(drafts.photos()));
  wake();
  phone.onNetwork(() => {
    wake();
    network.tell();
  });
}

function wake() {
  photos.resume(drafts.photos());
  privacy.tell();
  // Read before it is needed: a report may be begun where there is no network.
  catalogue.load().catch(() => {});
  return outbox.wake();
}

/** Reads who is signed in and how much news there is. */
async function me() {
  const answer = await api.get('/api/v1/me');
  notices.set(answer.unread);
  return answer;
}

module.exports = { phone, settings, session, api, photos, outbox, drafts, catalogue, elder, privacy, notices, nearby, subscribe, start, wake, me, onNetwork: network.on };
