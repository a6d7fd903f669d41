// What is alike in one network: lesions of two units, their input weights, and their activity.
import { connectivityInParts } from "./fc.js";
import { SEARCHES } from "./lab-anatomy.js";
import { among, eigen, permutationTest, varyingUnits } from "./lab-numbers.js";
import { partitionInParts } from "./louvain.js";
import { makePortrait } from "./portrait-model.js";
import { matrixCorrelation, similarity } from "./weights.js";

const [GRID, MARGIN] = [25, 2]; // of the phase portrait: points a side, and room around the activity

/** The plane of the first two principal components and its grid, as a phase portrait takes them. */
export function* portraitOf({ file, network, view, hidden, set, recurrent }, encode) {
  const { units } = network;
  const { live, fc, sd, mean } = recurrent;
  const n = live.length;
  if (n < 2) return null;
  const covariance = fc.map((r, at) => r * sd[live[Math.floor(at / n)]] * sd[live[at % n]]);
  live.forEach((unit, k) => (covariance[k * n + k] = sd[unit] ** 2));
  const found = yield* eigen(covariance, n);
  const total = found.reduce((sum, { value }) => sum + Math.max(0, value), 0);
  if (!(found[1].value > 1e-9 * total)) return null;
  const axes = found.slice(0, 2).map(({ vector }) => {
    const axis = new Float64Array(units);
    const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    live.forEach((unit, k) => (axis[unit] = vector[k] * Math.sign(largest)));
    return axis;
  });
  const origin = Float64Array.from(mean);
  const at = (row) =>
    axes.map((axis) => axis.reduce((sum, w, unit) => sum + w * (hidden[row * units + unit] - origin[unit]), 0));
  const ends = [[Infinity, Infinity], [-Infinity, -Infinity]];
  const paths = [0, 1].map(() => Array.from({ length: set.steps }, () => [0, 0]));
  const counts = [0, 1].map((type) => set.groundTruth.filter((truth) => truth === type).length);
  for (let trial = 0; trial < set.trials; trial++) {
    const type = set.groundTruth[trial];
    for (let step = 0; step < set.steps; step++) {
      at(trial * set.steps + step).forEach((value, k) => {
        ends[0][k] = Math.min(ends[0][k], value);
        ends[1][k] = Math.max(ends[1][k], value);
        paths[type][step][k] += value / counts[type];
      });
    }
    if (trial % 10 === 9) yield;
  }
  const entry = {
    ...file,
    plane: {
      origin: encode(origin),
      axes: encode([...axes[0], ...axes[1]]),
      low: ends[0].map((value) => value - MARGIN),
      high: ends[1].map((value) => value + MARGIN),
      count: GRID,
      share: found.slice(0, 2).map(({ value }) => value / total),
    },
    paths, modules: recurrent.labels, module_names: recurrent.sizes.map((_, k) => String(k + 1)),
    compare: view.pair, outputs: view.outputs,
  };
  return { entry, portrait: makePortrait(entry) };
}

/** Flow distances of every unit's lesion; their similarity, against FC and its modules. */
export function* lesionLikeness({ network, view, recurrent }, { portrait }) {
  const { units } = network;
  portrait.field(view.rest, { kind: "none", index: 0 }); // `row` compares with it
  const points = portrait.points.length / 2;
  const rows = new Float64Array(points * units);
  const means = new Float64Array(units);
  for (let unit = 0; unit < units; unit++) {
    const far = portrait.row(view.rest, unit);
    for (let point = 0; point < points; point++) {
      rows[point * units + unit] = far[point];
      means[unit] += far[point] / points;
    }
    yield;
  }
  const felt = new Set(varyingUnits(rows, units).live);
  const places = recurrent.live.flatMap((unit, k) => (felt.has(unit) ? [k] : []));
  const live = places.map((k) => recurrent.live[k]);
  if (live.length < 3) return { means, live: [] };
  const alike = yield* connectivityInParts(rows, units, live);
  const fc = among(recurrent.fc, recurrent.live.length, places);
  const labels = live.map((unit) => recurrent.labels[unit]);
  const test = yield* permutationTest(alike, labels);
  return { means, live, labels, alike, fc, r: matrixCorrelation(alike, fc, live.length), ...test };
}

/** Connection similarity of the live units against FC, and what its modules are worth there. */
export function* inputLikeness({ network, recurrent: { live, fc, q } }) {
  if (live.length < 3 || !(q > 0)) return null;
  const { inputs, wIn } = network;
  const alike = similarity(
    Float64Array.from(live.flatMap((unit) => [...wIn.slice(unit * inputs, (unit + 1) * inputs)])), live.length);
  const { labels } = yield* partitionInParts(alike, live.length, SEARCHES);
  const test = yield* permutationTest(fc, labels);
  return { ratio: test.q / q, p: test.p, r: matrixCorrelation(alike, fc, live.length) };
}
