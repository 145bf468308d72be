/** Moments, spans and statuses as people say them. Local time is the district's, UTC+8. */

const MINUTE = 60 * 1000;
const DAY = 24 * 60 * MINUTE;
const ZONE = 8 * 60 * MINUTE;

/** What a status means to who reported. */
const STATUS_WORDS = {
  submitted: '已收到，正在看由谁来办',
  verifying: '网格员正在现场核实',
  assigned: '已派给承办单位，等它接手',
  in_progress: '承办单位正在处理',
  suspended: '暂时办不了，已登记，到期接着办',
  resolved: '承办单位说办好了，正在核查',
  closed: '已经办结',
  transferred: '不归本区管，已转给主管部门',
  rejected: '没有立案，原因见下面的答复',
  withdrawn: '您已撤回',
  merged: '和同样的问题一起办理',
};

/** How a status looks: never by colour alone, its label stands beside. */
const STATUS_TONE = {
  closed: 'done',
  rejected: 'stop',
  withdrawn: 'quiet',
  merged: 'quiet',
  suspended: 'hold',
  transferred: 'hold',
};

const two = (number) => String(number).padStart(2, '0');

/** @param {number | string} moment */
function local(moment) {
  const at = new Date((typeof moment === 'number' ? moment : Date.parse(moment)) + ZONE);
  return {
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    clock: `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`,
    days: Math.floor(at.getTime() / DAY),
  };
}

/** 今天 14:05 · 昨天 14:05 · 3月5日 14:05 · 2025年3月5日 @param {number | string} moment @param {number} now */
function when(moment, now) {
  if (!moment) return '';
  const at = local(moment);
  const today = local(now);
  const name = { 0: '今天', 1: '昨天', '-1': '明天' }[today.days - at.days];
  if (name) return `${name} ${at.clock}`;
  if (at.year === today.year) return `${at.month}月${at.day}日 ${at.clock}`;
  return `${at.year}年${at.month}月${at.day}日`;
}

/** Until when something holds: 11月29日当天 where it ends with a day. @param {string} moment @param {number} now */
function until(moment, now) {
  const end = Date.parse(moment);
  if ((end + ZONE) % DAY !== 0) return when(moment, now);
  const last = local(end - MINUTE);
  const year = last.year === local(now).year ? '' : `${last.year}年`;
  return `${year}${last.month}月${last.day}日当天`;
}

/** 3 分钟 · 2 小时 · 2 小时 5 分钟 · 3 天 @param {number} ms */
function span(ms) {
  const minutes = Math.max(1, Math.round(Math.abs(ms) / MINUTE));
  if (minutes < 60) return `${minutes} 分钟`;
  if (minutes < 24 * 60) {
    const rest = minutes % 60;
    return `${Math.floor(minutes / 60)} 小时${rest ? ` ${rest} 分钟` : ''}`;
  }
  return `${Math.round(minutes / 60 / 24)} 天`;
}

/** 还剩 3 小时 · 已超时 2 天 @param {string | null} dueAt @param {number} now */
function due(dueAt, now) {
  if (!dueAt) return { words: '', late: false };
  const left = Date.parse(dueAt) - now;
  return { words: left < 0 ? `已超时 ${span(left)}` : `还剩 ${span(left)}`, late: left < 0 };
}

/** @param {string} code @param {string} label */
function status(code, label) {
  return { words: STATUS_WORDS[code] || label, tone: STATUS_TONE[code] || 'going' };
}

/** A limit of the catalogue: 4wh → 4 个工作小时. @param {string} given */
function limit(given) {
  const found = /^([0-9.]+)(wh|wd|h)$/.exec(given || '');
  if (!found) return '';
  return `${found[1]} ${{ wh: '个工作小时', wd: '个工作日', h: '小时' }[found[2]]}`;
}

/** The moment of a date and a time as chosen, RFC 3339. @param {string} date @param {string} time */
function moment(date, time) {
  return `${date}T${time || '00:00'}:00+08:00`;
}

/** Today's date, as pickers take it. @param {number} now */
function day(now) {
  const at = local(now);
  return `${at.year}-${two(at.month)}-${two(at.day)}`;
}

module.exports = { when, until, span, due, status, limit, moment, day };
