// Times and amounts as people say them; days are those of Asia/Shanghai.

const ZONE = "Asia/Shanghai";
const MINUTE = 60000;
const DAY = 86400000;

const parts = new Intl.DateTimeFormat("zh-CN", {
  timeZone: ZONE,
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

function local(moment) {
  const found = Object.fromEntries(parts.formatToParts(moment).map((p) => [p.type, p.value]));
  const { year, month, day } = found;
  return { year, month, day, clock: `${found.hour}:${found.minute}`, at: Date.UTC(year, month - 1, day) };
}

/** 今天 09:12, 昨天 18:40, 3 天前, 11月3日, 2025年11月3日. */
export function ago(text, now = Date.now()) {
  const then = local(new Date(text));
  const today = local(new Date(now));
  const days = Math.round((today.at - then.at) / DAY);
  const minutes = Math.floor((now - new Date(text)) / MINUTE);
  if (minutes >= 0 && minutes < 60) return minutes < 2 ? "刚刚" : `${minutes} 分钟前`;
  if (days === 0) return `今天 ${then.clock}`;
  if (days === 1) return `昨天 ${then.clock}`;
  if (days > 1 && days < 7) return `${days} 天前`;
  const date = `${then.month}月${then.day}日`;
  return then.year === today.year ? date : `${then.year}年${date}`;
}

/** `ago` before a word: a digit keeps a little distance from it. */
export function since(text, word) {
  const when = ago(text);
  return /\d$/.test(when) ? `${when} ${word}` : `${when}${word}`;
}

/** 11月3日 09:12, for steps that follow each other closely. */
export function moment(text) {
  const then = local(new Date(text));
  return `${then.month}月${then.day}日 ${then.clock}`;
}

/** How long something took, from two moments. */
export const between = (from, to) => span((new Date(to) - new Date(from)) / MINUTE);

export function span(minutes) {
  if (minutes < 60) return `${Math.max(1, Math.round(minutes))} 分钟`;
  if (minutes < 48 * 60) return `${tidy(minutes / 60)} 小时`;
  return `${tidy(minutes / 1440)} 天`;
}

const tidy = (amount) => (amount < 10 ? Math.round(amount * 10) / 10 : Math.round(amount));

export const number = (amount) => amount.toLocaleString("zh-CN");

export const percent = (share) => `${Math.round(share)}%`;

/** 2026-11 as 11 月, with the year where asked. */
export function month(name, year = false) {
  const [y, m] = name.split("-").map(Number);
  return year ? `${y} 年 ${m} 月` : `${m} 月`;
}
