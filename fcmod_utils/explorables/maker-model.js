// The module maker without its page: payload and state in, weights, matrices and modules out.
// State: model, at (value of the model's one parameter), noise, draw (which random numbers).
import { functionalConnectivity } from "./fc.js";
import { bestPartition } from "./louvain.js";
import { normals } from "./random.js";
import { decodeFloats } from "./rnn.js";
import { matrixCorrelation, rule, similarity } from "./weights.js";

/** One weight to each of two inputs; the favored one gets more. */
const twoInputs = (base, favored, difference) =>
  Float64Array.from({ length: 2 * base.length }, (_, i) => {
    const [unit, input] = [i >> 1, i % 2];
    return base[unit] + (favored[unit] === input ? difference : 0);
  });

// Weights [unit, input] from a draw's random numbers, as fcmod_utils.projections makes them.
const RECIPES = {
  gaussian: ({ normal, base }, inputs) => Float64Array.from(normal.subarray(0, base.length * inputs)),
  sign: ({ order, base, favored }, share) => {
    const negative = Math.round(share * base.length); // the payload's shares are of whole units
    return twoInputs(order.map((turn) => (turn < negative ? -1 : 1)), favored, 0);
  },
  difference: ({ base, favored }, difference) => twoInputs(base.map(Math.abs), favored, difference),
  sign_difference: ({ base, favored }, difference) => twoInputs(base, favored, difference),
};

/** Activity [step, unit]: the same noise comes to all units through their weights, some to each alone. */
export function activity(w, units, noise, sample) {
  const inputs = w.length / units;
  const { steps, common, privately } = sample;
  const rows = new Float64Array(steps * units);
  for (let step = 0; step < steps; step++) {
    for (let unit = 0; unit < units; unit++) {
      let sum = noise === 0 ? 0 : noise * privately[step * units + unit];
      for (let k = 0; k < inputs; k++) sum += w[unit * inputs + k] * common[k * steps + step];
      rows[step * units + unit] = sum;
    }
  }
  return rows;
}

/** Units of each rule that lie in the module which holds most of that rule. */
function withTheirRule(rules, labels) {
  const counts = new Map();
  rules.forEach((r, unit) => counts.set(`${r} ${labels[unit]}`, (counts.get(`${r} ${labels[unit]}`) ?? 0) + 1));
  const most = new Map();
  for (const [key, count] of counts) most.set(key[0], Math.max(most.get(key[0]) ?? 0, count));
  return [...most.values()].reduce((sum, count) => sum + count, 0);
}

/** How far each unit's weights are turned from the mean direction of its module. */
function turns(plane, labels) {
  const means = new Map();
  plane.forEach(([first, second], unit) => {
    const [x, y] = means.get(labels[unit]) ?? [0, 0];
    const length = Math.hypot(first, second) || 1;
    means.set(labels[unit], [x + first / length, y + second / length]);
  });
  return plane.map(([first, second], unit) => {
    const [x, y] = means.get(labels[unit]);
    return Math.atan2(x * second - y * first, x * first + y * second);
  });
}

/** All that follows from the weights [unit, input] of `units` units; `searches` for modules. */
export function analyze(w, units, noise, sample, searches) {
  const inputs = w.length / units;
  const every = Array.from({ length: units }, (_, unit) => unit);
  const s = similarity(w, units);
  const fc = functionalConnectivity(activity(w, units, noise, sample), units, every);
  // a unit that never varies has no correlation, so it belongs to no module
  const live = every.filter((i) => every.some((j) => j !== i && !Number.isNaN(fc[i * units + j])));
  const among = (matrix) => Float64Array.from(live.flatMap((i) => live.map((j) => matrix[i * units + j])));
  const found = bestPartition(among(fc), live.length, searches);
  const labels = every.map(() => -1);
  live.forEach((unit, k) => (labels[unit] = found.labels[k]));
  const plane = every.map((unit) => [w[unit * inputs], w[unit * inputs + 1]]);
  const rules = plane.map(([first, second]) => rule(first, second));
  const turn = turns(plane, labels);
  const order = [...live].sort((i, j) => labels[i] - labels[j] || turn[i] - turn[j] || i - j);
  const sizes = [];
  for (const unit of live) sizes[labels[unit]] = (sizes[labels[unit]] ?? 0) + 1;
  return {
    w, inputs, s, fc, labels, q: found.q, sizes, order, plane, rules,
    modules: sizes.filter((size) => size > 1).length,
    agreement: matrixCorrelation(among(s), among(fc), live.length),
    nested: withTheirRule(rules, labels),
  };
}

/** The maker: `look(state)` gives the numbers of a state, `curve(state)` q over its parameter. */
export function makeMaker({ units, steps, draws, models, noise_levels: levels }, searches) {
  const inputs = Math.max(...models.gaussian.values);
  const numbers = draws.map(({ normal, base, favored, order }) => ({
    normal: decodeFloats(normal),
    base: decodeFloats(base),
    favored,
    order,
  }));
  const samples = [];
  const sampleOf = (draw) =>
    (samples[draw] ??= {
      steps,
      common: normals(steps * inputs, 2 * draw + 1), // [input, step]
      privately: normals(steps * units, 2 * draw + 2), // [step, unit]
    });
  const weights = ({ model, at, draw }) => RECIPES[model](numbers[draw], at);
  const look = (state) => analyze(weights(state), units, state.noise, sampleOf(state.draw), searches);
  const curve = ({ model, noise }) => models[model].curves[levels.indexOf(noise)];
  return { weights, look, curve, sampleOf };
}
