// Functional connectivity and choices, on flat arrays (last axis fastest).
import { finish } from "./slices.js";

/** Columns `units` of hidden [row, unit] as unit-major rows, centered and scaled to length 1. */
function standardize(hidden, width, units) {
  const rows = hidden.length / width;
  const z = new Float64Array(units.length * rows);
  units.forEach((unit, k) => {
    let mean = 0;
    for (let row = 0; row < rows; row++) mean += hidden[row * width + unit];
    mean /= rows;
    let power = 0;
    for (let row = 0; row < rows; row++) {
      const centered = hidden[row * width + unit] - mean;
      z[k * rows + row] = centered;
      power += centered * centered;
    }
    const scale = power > 0 ? 1 / Math.sqrt(power) : NaN; // a constant unit has no correlation
    for (let row = 0; row < rows; row++) z[k * rows + row] *= scale;
  });
  return z;
}

/** Products of row i of z [unit, row] with rows j to j + 3 (four sums at once are faster). */
function fourProducts(z, rows, i, j, into) {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let [b0, b1, b2, b3] = [j * rows, (j + 1) * rows, (j + 2) * rows, (j + 3) * rows];
  for (let a = i * rows, end = a + rows; a < end; a++) {
    const value = z[a];
    s0 += value * z[b0++];
    s1 += value * z[b1++];
    s2 += value * z[b2++];
    s3 += value * z[b3++];
  }
  into[0] = s0;
  into[1] = s1;
  into[2] = s2;
  into[3] = s3;
}

/** Pearson correlation [k, k] between the given units over all rows; the diagonal is 0. */
export const functionalConnectivity = (hidden, width, units) => finish(connectivityInParts(hidden, width, units));

/** The same, which pauses after each unit. */
export function* connectivityInParts(hidden, width, units) {
  const k = units.length;
  const padded = units.concat(new Array((4 - (k % 4)) % 4).fill(units[0]));
  const z = standardize(hidden, width, padded);
  const rows = hidden.length / width;
  const fc = new Float32Array(k * k);
  const four = new Float64Array(4);
  for (let i = 0; i < k; i++) {
    yield;
    for (let j = i - (i % 4); j < k; j += 4) {
      fourProducts(z, rows, i, j, four);
      for (let step = 0; step < 4; step++) {
        const other = j + step;
        if (other > i && other < k) fc[i * k + other] = fc[other * k + i] = four[step];
      }
    }
  }
  return fc;
}

/** Index of the largest output of each trial at its last step. */
export function choices(outputs, trials, width) {
  const perTrial = outputs.length / trials;
  return Array.from({ length: trials }, (_, trial) => {
    const end = (trial + 1) * perTrial;
    const last = outputs.subarray(end - width, end);
    return last.indexOf(Math.max(...last));
  });
}
