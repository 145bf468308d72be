// Units that browsers do not have. Widths are rounded up: down, 100rpx of 375 would be 49.98. 750rpx are the width of the frame; vh counts the page between
// its bars, which the shell tells in --page-height.

const UNITS = /(^|[\s,(:+*/-])(-?(?:\d+\.?\d*|\.\d+))(rpx|vh)\b/g;

/** A CSS value or list of declarations with units that browsers know. */
export function browserUnits(css) {
  return css.replace(UNITS, (_, before, number, unit) =>
    unit === 'rpx'
      ? `${before}${Math.ceil(Number((Number(number) / 7.5).toFixed(9)) * 1e6) / 1e6}vw`
      : `${before}calc(${number} * var(--page-height, 100vh) / 100)`,
  );
}
