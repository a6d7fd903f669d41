// Small statistics that a network's anatomy is made of, on flat arrays [row, unit].
import { quality, modularityMatrix } from "./louvain.js";
import { shuffled, uniform } from "./random.js";

/** Units whose activity varies: the others have no correlation (the book's rule, in connectivity.py). */
export function varyingUnits(rows, units) {
  const count = rows.length / units;
  const [mean, sd] = [new Float64Array(units), new Float64Array(units)];
  for (let row = 0, at = 0; row < count; row++) for (let unit = 0; unit < units; unit++) mean[unit] += rows[at++];
  for (let unit = 0; unit < units; unit++) mean[unit] /= count;
  for (let row = 0, at = 0; row < count; row++) {
    for (let unit = 0; unit < units; unit++) sd[unit] += (rows[at++] - mean[unit]) ** 2;
  }
  for (let unit = 0; unit < units; unit++) sd[unit] = Math.sqrt(sd[unit] / count);
  const most = Math.max(...sd);
  const live = [...sd.keys()].filter((unit) => sd[unit] > 1e-6 * most && sd[unit] > 1e-9 * Math.abs(mean[unit]));
  return { live, mean, sd };
}

/** Pearson correlation of two rows of numbers; 0 where one of them is constant. */
export function pearson(a, b) {
  const count = a.length;
  let [ma, mb, saa, sbb, sab] = [0, 0, 0, 0, 0];
  for (let i = 0; i < count; i++) [ma, mb] = [ma + a[i] / count, mb + b[i] / count];
  for (let i = 0; i < count; i++) {
    const [x, y] = [a[i] - ma, b[i] - mb];
    saa += x * x;
    sbb += y * y;
    sab += x * y;
  }
  const scale = Math.sqrt(saa * sbb);
  return scale > 1e-12 ? sab / scale : 0;
}

/** Mean of some units in the rows at hand, [row]. */
export function meanOf(rows, units, members, steps) {
  return Float64Array.from(steps, (row) => {
    let sum = 0;
    for (const unit of members) sum += rows[row * units + unit];
    return sum / members.length;
  });
}

/** Adjusted Rand index of two partitions, over the units that are live in both; null without such units. */
export function randIndex(a, b) {
  const both = [...a.keys()].filter((unit) => a[unit] >= 0 && b[unit] >= 0);
  const pairs = (keys) => {
    const counts = new Map();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts.values()].reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  };
  const [one, other] = [a, b].map((labels) => pairs(both.map((unit) => labels[unit])));
  const chance = (one * other) / ((both.length * (both.length - 1)) / 2);
  const most = (one + other) / 2;
  if (both.length < 2) return null;
  return most === chance ? 1 : (pairs(both.map((unit) => `${a[unit]} ${b[unit]}`)) - chance) / (most - chance);
}

/** Rows and columns of a matrix [n, n]. */
export const among = (matrix, n, chosen) => Float64Array.from(chosen.flatMap((i) => chosen.map((j) => matrix[i * n + j])));

/** q of labels on a matrix, that of shuffled labels, and the share of these at least as good. */
export function* permutationTest(matrix, labels, draws = 1000, seed = 5) {
  const b = modularityMatrix(matrix, labels.length);
  const [q, draw, nulls] = [quality(b, labels), uniform(seed), new Float64Array(draws)];
  for (let k = 0; k < draws; k++) {
    nulls[k] = quality(b, shuffled(labels.length, draw).map((unit) => labels[unit]));
    if (k % 10 === 9) yield;
  }
  const atLeast = nulls.reduce((count, value) => count + (value >= q - 1e-12), 0);
  return { q, p: (1 + atLeast) / (1 + draws), nulls };
}

/** One rotation of Jacobi's method: a[p, q] becomes 0; the rows of v turn with it. */
function rotate(a, v, n, p, q) {
  const turn = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
  const t = (turn < 0 ? -1 : 1) / (Math.abs(turn) + Math.sqrt(turn * turn + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p], a[k * n + q]];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  for (const rows of [a, v]) {
    for (let k = 0; k < n; k++) {
      const [x, y] = [rows[p * n + k], rows[q * n + k]];
      rows[p * n + k] = c * x - s * y;
      rows[q * n + k] = s * x + c * y;
    }
  }
}

/** Eigenvalues of a symmetric matrix [n, n] and its eigenvectors, as rows, from the largest down. */
export function* eigen(matrix, n) {
  const [a, v] = [Float64Array.from(matrix), new Float64Array(n * n)];
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const size = Math.sqrt(a.reduce((sum, value) => sum + value * value, 0)) || 1;
  for (let sweep = 0, off = Infinity; sweep < 30 && off > 1e-13 * size; sweep++) {
    off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        off = Math.max(off, Math.abs(a[p * n + q]));
        if (Math.abs(a[p * n + q]) > 1e-15 * size) rotate(a, v, n, p, q);
      }
      yield;
    }
  }
  const order = [...new Array(n).keys()].sort((i, j) => a[j * n + j] - a[i * n + i]);
  return order.map((i) => ({ value: a[i * n + i], vector: v.slice(i * n, (i + 1) * n) }));
}
