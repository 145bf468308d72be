// Units that browsers do not have. 750rpx are the width of the frame; vh counts the page between
// its bars, which the shell tells in --page-height.

const UNITS = /(^|[\s,(:+*/-])(-?(?:\d+\.?\d*|\.\d+))(rpx|vh)\b/g;

/** A CSS value or list of declarations with units that browsers know. */
export function browserUnits(css) {
  return css.replace(UNITS, (_, before, number, unit) =>
    unit === 'rpx'
      ? `${before}${+(Number(number) / 7.5).toFixed(5)}vw`
      : `${before}calc(${number} * var(--page-height, 100vh) / 100)`,
  );
}
