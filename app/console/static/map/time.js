// The time slider: day by day, which cases were open, or came in.

import { dayOf } from "./cases.js";
import { byId, number } from "./dom.js";

const STEP_MS = 700;

export class Time {
  /** `onChange` is told of every change of `mode` and `day`. */
  constructor(onChange) {
    this.onChange = onChange;
    this.bar = byId("time");
    this.slider = byId("day");
    this.mode = "all";
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    byId("play").hidden = this.calm.matches;
    this.calm.addEventListener("change", () => {
      this.pause();
      byId("play").hidden = this.calm.matches;
    });
    byId("play").addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    byId("earlier").addEventListener("click", () => this.step(-1));
    byId("later").addEventListener("click", () => this.step(1));
    this.slider.addEventListener("input", () => {
      this.pause();
      this.go(Number(this.slider.value));
    });
    byId("mode").addEventListener("change", (event) => this.setMode(event.target.value));
  }

  /** The days to choose of; null hides the bar. Keeps a day and mode that still fit. */
  setDays(days, { mode = this.mode, day = this.day } = {}) {
    this.pause();
    this.bar.hidden = !days;
    this.mode = days ? mode : "all";
    byId("mode").value = this.mode;
    if (!days) return;
    [this.slider.min, this.slider.max] = days;
    this.day = day >= days[0] && day <= days[1] ? day : days[1];
    this.slider.value = this.day;
  }

  setMode(mode) {
    this.pause();
    this.mode = mode;
    byId("mode").value = mode;
    this.onChange();
  }

  go(day) {
    if (this.mode === "all") this.mode = byId("mode").value = "open";
    this.day = day;
    this.slider.value = day;
    this.onChange();
  }

  step(by) {
    this.pause();
    this.go(Math.min(Number(this.slider.max), Math.max(Number(this.slider.min), this.day + by)));
  }

  play() {
    if (this.mode === "all" || this.day >= Number(this.slider.max)) this.go(Number(this.slider.min));
    this.playing = setInterval(() => {
      this.go(this.day + 1);
      if (this.day >= Number(this.slider.max)) this.pause();
    }, STEP_MS);
    this.shown();
  }

  pause() {
    clearInterval(this.playing);
    this.playing = null;
    this.shown();
  }

  shown() {
    byId("play").textContent = this.playing ? "暂停" : "播放";
    byId("play").setAttribute("aria-pressed", String(Boolean(this.playing)));
  }

  say(count) {
    const what = { all: "整个时段", open: "在办", reported: "上报" }[this.mode];
    const words = this.mode === "all" ? `整个时段 ${number(count)} 件` : `${dayOf(this.day)} ${what} ${number(count)} 件`;
    byId("day-words").textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
  }
}
