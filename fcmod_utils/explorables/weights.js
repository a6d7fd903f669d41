// What input weights [unit, input] say of pairs of units and of single ones; and how alike two matrices are.

/** The six rules on signs and sizes of a unit's first two weights. */
export const RULE_NAMES = [
  "+ +, first stronger",
  "+ +, second stronger",
  "+ −",
  "− +",
  "− −, first stronger",
  "− −, second stronger",
];

/** Connection similarity [unit, unit]: cosine between input weights; the diagonal is 0. */
export function similarity(w, units) {
  const inputs = w.length / units;
  const s = new Float64Array(units * units);
  const product = (i, j) => {
    let sum = 0;
    for (let k = 0; k < inputs; k++) sum += w[i * inputs + k] * w[j * inputs + k];
    return sum;
  };
  const norms = Array.from({ length: units }, (_, i) => Math.sqrt(product(i, i)));
  for (let i = 0; i < units; i++) {
    // a unit without weights has no direction: 0 / 0 is NaN, and drawn grey
    for (let j = 0; j < i; j++) s[i * units + j] = s[j * units + i] = product(i, j) / (norms[i] * norms[j]);
  }
  return s;
}

/** Which of the six rules a unit's first two weights follow (0 to 5); -1 where one of them is 0. */
export function rule(first, second) {
  if (!(first * second)) return -1;
  const stronger = Math.abs(second) > Math.abs(first) ? 1 : 0;
  if (first > 0) return second > 0 ? stronger : 2;
  return second > 0 ? 3 : 4 + stronger;
}

/** Pearson correlation of two matrices over pairs of units; NaN where one of them is constant. */
export function matrixCorrelation(a, b, n) {
  let [count, ma, mb, saa, sbb, sab] = [0, 0, 0, 0, 0, 0];
  const pairs = (visit) => {
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) visit(a[i * n + j], b[i * n + j]);
  };
  pairs((x, y) => ((count += 1), (ma += x), (mb += y)));
  [ma, mb] = [ma / count, mb / count];
  pairs((x, y) => ((saa += (x - ma) ** 2), (sbb += (y - mb) ** 2), (sab += (x - ma) * (y - mb))));
  return Math.min(saa, sbb) > 1e-9 * count ? sab / Math.sqrt(saa * sbb) : NaN; // less is rounding
}
