// Cases as columns, and of which kind each is: how late, or how far.

const DAY_MIN = 1440;
const SHIFT_MIN = 480; // days are those of Asia/Shanghai
const OPEN = ["submitted", "verifying", "assigned", "in_progress", "suspended", "resolved", "transferred"];

/** Kinds in the order in which they are drawn, the last on top; each has a shape of its own. */
export const KINDS = {
  state: [
    { name: "已办结", shape: "tick", colour: "#1d6b57" },
    { name: "不计时", shape: "dot", colour: "#5a6a72" },
    { name: "时间充足", shape: "circle", colour: "#0b69a8" },
    { name: "即将到期", shape: "diamond", colour: "#b06a00" },
    { name: "已超期", shape: "triangle", colour: "#b3200e" },
  ],
  status: [
    { name: "其他（不予立案、撤回、并案）", shape: "cross", colour: "#6b747b" },
    { name: "已结案", shape: "tick", colour: "#1d6b57" },
    { name: "挂账、已转办", shape: "dot", colour: "#5a6a72" },
    { name: "待核查", shape: "diamond", colour: "#6b4fa0" },
    { name: "待签收、处置中", shape: "circle", colour: "#0b69a8" },
    { name: "待受理、核实中", shape: "square", colour: "#b06a00" },
  ],
  then: [
    { name: "当时未超期", shape: "circle", colour: "#0b69a8" },
    { name: "当时已超期", shape: "triangle", colour: "#b3200e" },
  ],
};
const STATUS_KIND = {
  submitted: 5, verifying: 5, assigned: 4, in_progress: 4, resolved: 3, suspended: 2, transferred: 2, closed: 1,
};

/** Fetches the cases of a filter; an error carries the `status` of the answer, 401 after the
 * session's end. */
export async function fetched(query, signal) {
  const answer = await fetch(`/console/map/cases.json?${query}`, { redirect: "manual", signal });
  if (answer.type === "opaqueredirect") throw Object.assign(new Error("signed out"), { status: 401 });
  if (!answer.ok) throw Object.assign(new Error(query), { status: answer.status });
  return new Cases(await answer.json());
}

/** Mercator coordinates of a world that is 256 pixels wide, of columns `x` and `y` in degrees. */
export function projected({ x, y }) {
  const up = (degrees) => {
    const sine = Math.sin((degrees * Math.PI) / 180);
    return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256;
  };
  return {
    worldX: Float64Array.from(x, (degrees) => (degrees / 360 + 0.5) * 256),
    worldY: Float64Array.from(y, up),
  };
}

export class Cases {
  constructor(found) {
    const { cases, days, ...rest } = found;
    Object.assign(this, cases, rest);
    this.daysAsked = days;
    this.length = this.number.length;
    this.isOpen = found.statuses.map((one) => OPEN.includes(one.code));
    this.statusKind = found.statuses.map((one) => STATUS_KIND[one.code] ?? 0);
    this.now = Math.floor(Date.now() / 60000);
    this.kinds = new Uint8Array(this.length);
    this.isShown = new Uint8Array(this.length);
    Object.assign(this, projected(this));
  }

  /** Days that a slider can show: the first and the last, as days since 1970. */
  days() {
    if (!this.days_) {
      const [first, last] = this.daysAsked.map((day) => Date.parse(day) / 86400000);
      const known = this.since ? Math.floor((Date.parse(this.since) / 60000 + SHIFT_MIN) / DAY_MIN) : first;
      this.days_ = [Math.max(first, known), Math.min(last, Date.parse(this.today) / 86400000)];
    }
    return this.days_;
  }

  /** Decides which cases are shown and of which kind each is; gives how many there are of each.
   * `by` names KINDS; `hidden` holds kinds that are switched off. */
  sort({ mode, day, by, hidden }) {
    const ends = Math.min((day + 1) * DAY_MIN - SHIFT_MIN, this.now);
    const begins = day * DAY_MIN - SHIFT_MIN;
    const counts = KINDS[by].map(() => 0);
    for (let i = 0; i < this.length; i++) {
      let there = true;
      if (mode === "reported") there = this.submitted[i] >= begins && this.submitted[i] < begins + DAY_MIN;
      if (mode === "open") there = this.openAt(i, ends);
      const kind = this.kindOf(i, by, ends);
      this.kinds[i] = kind;
      if (there) counts[kind]++;
      this.isShown[i] = there && !hidden.has(kind) ? 1 : 0;
    }
    return counts;
  }

  kindOf(i, by, minute) {
    if (by === "then") return this.lateAt(i, minute);
    if (by === "status") return this.statusKind[this.status[i]];
    return this.isOpen[this.status[i]] ? this.state[i] + 1 : 0;
  }

  /** Whether the case was open at a minute; those that came to nothing never count. */
  openAt(i, minute) {
    if (this.submitted[i] > minute) return false;
    if (this.isOpen[this.status[i]]) return true;
    return this.closed[i] > minute && this.statuses[this.status[i]].code === "closed";
  }

  lateAt(i, minute) {
    if (!this.due[i] || this.due[i] > minute) return 0;
    if (this.isOpen[this.status[i]] && minute >= this.now) return this.state[i] === 3 ? 1 : 0;
    return this.resolved[i] && this.resolved[i] <= minute ? 0 : 1;
  }

  /** Indices of those that are shown within a box of degrees, the most urgent first. */
  within({ west, south, east, north }) {
    const found = [];
    for (let i = 0; i < this.length; i++) {
      const inside = this.x[i] >= west && this.x[i] <= east && this.y[i] >= south && this.y[i] <= north;
      if (this.isShown[i] && inside) found.push(i);
    }
    const rank = (i) => (this.state[i] ? this.due[i] : this.isOpen[this.status[i]] ? 4e7 : 5e7);
    return found.sort((a, b) => rank(a) - rank(b) || this.submitted[b] - this.submitted[a]);
  }
}

const pad = (value) => String(value).padStart(2, "0");

/** 11月3日 17:30, of minutes since 1970. */
export function momentOf(minute) {
  const there = new Date((minute + SHIFT_MIN) * 60000);
  const day = `${there.getUTCMonth() + 1}月${there.getUTCDate()}日`;
  return `${day} ${pad(there.getUTCHours())}:${pad(there.getUTCMinutes())}`;
}

export function dayOf(day) {
  const there = new Date(day * 86400000);
  return `${there.getUTCFullYear()}年${there.getUTCMonth() + 1}月${there.getUTCDate()}日`;
}
