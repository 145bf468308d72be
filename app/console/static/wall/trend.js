// The thirty days before today as two lines; told apart by colour and by dashes.

const echarts = globalThis.echarts;
const INK = "#a9c0c5";
const LINES = [
  { key: "reported", name: "上报", colour: "#6cb8ff", type: "solid" },
  { key: "closed", name: "结案", colour: "#ffc857", type: "dashed" },
];

export class Trend {
  constructor(element) {
    this.element = element;
    this.chart = echarts.init(element, null, { renderer: "canvas" });
    new ResizeObserver(() => {
      this.chart.resize();
      if (this.days) this.show(this.days);
    }).observe(element);
  }

  show(days) {
    this.days = days;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const names = Object.keys(days).map((day) => `${Number(day.slice(5, 7))}/${Number(day.slice(8))}`);
    const label = { color: INK, fontSize: 0.875 * rem };
    this.chart.setOption({
      animation: false,
      grid: { left: 2.6 * rem, right: 0.8 * rem, top: 0.8 * rem, bottom: 2 * rem },
      xAxis: { type: "category", data: names, boundaryGap: false, axisLabel: { ...label, interval: 6, margin: 0.7 * rem }, axisLine: { lineStyle: { color: "#3b5a63" } }, axisTick: { show: false } },
      yAxis: { type: "value", minInterval: 1, splitNumber: 3, axisLabel: label, splitLine: { lineStyle: { color: "#1f3a43" } } },
      series: LINES.map(({ key, name, colour, type }) => ({
        name,
        type: "line",
        data: Object.values(days).map((day) => day[key]),
        showSymbol: false,
        silent: true,
        lineStyle: { color: colour, type, width: 0.16 * rem },
        itemStyle: { color: colour },
      })),
    });
    const sum = (key) => Object.values(days).reduce((total, day) => total + day[key], 0);
    this.element.setAttribute("aria-label", `此前 30 天上报 ${sum("reported")} 件，结案 ${sum("closed")} 件`);
  }
}
