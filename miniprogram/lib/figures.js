/** Figures of a unit as people read them: each with what it was counted from. Pure. */

/** The server's figures that a unit's staff look at on the way, in this order. */
const SHOWN = ['start_in_time_rate', 'resolution_in_time_rate', 'closing_rate', 'rework_rate', 'late_rate', 'response_rate', 'solved_rate', 'satisfied_rate'];

/** @param {any} answer of GET /audit/figures */
function shownFigures(answer) {
  return SHOWN.filter((name) => answer.total.figures[name]).map((name) => {
    const { value, numerator, denominator } = answer.total.figures[name];
    return {
      name,
      label: answer.words.figures[name],
      value: value === null ? '—' : `${value}%（${numerator}/${denominator}）`,
    };
  });
}

/** 2026-11 → 2026年11月 @param {string} name of a period */
function monthOf(name) {
  const found = /^([0-9]{4})-([0-9]{2})$/.exec(name);
  return found ? `${found[1]}年${Number(found[2])}月` : name;
}

module.exports = { shownFigures, monthOf };
