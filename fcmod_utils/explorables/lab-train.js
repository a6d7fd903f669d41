// Training as fcmod_utils.learning does it: cross-entropy over all time steps, Adam as torch writes it.
import { Random } from "./lab-random.js";
import { LAB_TASKS, makeWindows } from "./lab-tasks.js";
import { Recurrence, transpose } from "./lab-recurrence.js";
import { finish } from "./slices.js";

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];
const HOPELESS = 1e9; // no training comes back from such a loss; a guess costs about 1

/** Sizes of a setup's network. */
export const shapeOf = ({ task, units }) => ({
  inputs: LAB_TASKS[task].inputs.length,
  units,
  outputs: LAB_TASKS[task].outputs.length,
});

/** Rows, columns and inputs per number of each array of weights, in Python's order. */
export const arraysOf = ({ inputs, units, outputs }) => ({
  w_in: [units, inputs, inputs],
  b_in: [units, 1, inputs],
  w_rec: [units, units, units],
  b_rec: [units, 1, units],
  w_out: [outputs, units, units],
  b_out: [outputs, 1, units],
});

/** One array of weights after the other: what make(name, rows, columns, fanIn) gives. */
export const eachArray = (shape, make) =>
  Object.fromEntries(Object.entries(arraysOf(shape)).map(([name, size]) => [name, make(name, ...size)]));

/** Untrained weights, drawn as PyTorch's Linear layers are: uniform within 1 / sqrt(fan-in). */
export function makeWeights(setup) {
  const random = new Random(setup.seed, 0);
  const draw = (name, rows, columns, fanIn) =>
    Float32Array.from({ length: rows * columns }, () => (2 * random.uniform() - 1) / Math.sqrt(fanIn));
  return eachArray(shapeOf(setup), draw);
}

/** Where units sit on a sheet, [x, y] in units of the distance between neighbors, row by row. */
export function sheet(units) {
  const columns = Math.ceil(Math.sqrt(units));
  return Array.from({ length: units }, (_, unit) => [unit % columns, Math.floor(unit / columns)]);
}

/** Distances between all units of a sheet, flat; their mean over pairs is 1, so that strengths are as for l1. */
export function sheetDistances(units) {
  const places = sheet(units);
  const distances = Float64Array.from({ length: units * units }, (_, k) => {
    const [[x, y], [u, v]] = [places[Math.floor(k / units)], places[k % units]];
    return Math.hypot(x - u, y - v);
  });
  const mean = distances.reduce((sum, d) => sum + d, 0) / (units * (units - 1));
  return distances.map((d) => d / mean);
}

/** Calls visit(index in the array, index in the one matrix of Recurrence) for all numbers of an array of weights. */
function eachWeight(name, { width, shape }, visit) {
  const [[rows, columns], { inputs, units }] = [arraysOf(shape)[name], shape];
  const row = name.endsWith("out") ? units : 0;
  const column = name.startsWith("b") ? units + inputs : name === "w_in" ? units : 0;
  for (let k = 0; k < rows * columns; k++) visit(k, (row + Math.floor(k / columns)) * width + column + (k % columns));
}

/** Weights as the one matrix of Recurrence. */
export function joinWeights(weights, room) {
  const joined = new Float64Array(room.height * room.width);
  for (const name in weights) eachWeight(name, room, (k, at) => (joined[at] += weights[name][k]));
  return joined;
}

/** One network on its way. `next` draws a batch (see makeWindows); by default from the setup's seed. */
export class Trainer {
  constructor(setup, weights = makeWeights(setup), next = makeWindows(setup, new Random(setup.seed, 1))) {
    Object.assign(this, { setup, next, stepNumber: 0, diverged: false });
    this.recurrence = new Recurrence(shapeOf(setup), { ...setup, alpha: setup.dt_ms / setup.tau_ms });
    this.joined = joinWeights(weights, this.recurrence);
    this.biasGap = weights.b_in.map((b, unit) => b - weights.b_rec[unit]);
    const { length } = this.joined;
    [this.gradient, this.mean, this.square, this.transposed] = [0, 1, 2, 3].map(() => new Float64Array(length));
    this.noise = setup.noise > 0 ? new Float64Array(setup.window * setup.batch * setup.units) : null;
    this.random = new Random(setup.seed, 2);
    this.prices = setup.penalty === "distance" ? sheetDistances(setup.units) : null;
  }

  /** One training step; returns its loss (the penalty not counted). */
  step() {
    return finish(this.parts());
  }

  /** The same in parts of about a millisecond: yields between them. A loss beyond hope moves nothing. */
  *parts() {
    const { recurrence: r, setup, joined, gradient } = this;
    this.draw();
    yield* r.forward(transpose(joined, this.transposed, r), this.noise);
    const loss = r.loss();
    if (!(loss < HOPELESS)) {
      this.diverged = true;
      return loss;
    }
    yield;
    gradient.fill(0);
    yield* r.backward(joined, gradient);
    if (setup.penalty !== "none") this.addPenalty();
    this.adam();
    this.stepNumber += 1;
    return loss;
  }

  /** A batch, and noise if there is any. */
  draw() {
    const { recurrence: r, setup, noise } = this;
    this.next(r.states, r.targets, (t, row) => r.inputAt(t, row));
    if (noise) for (let i = 0; i < noise.length; i++) noise[i] = setup.noise * this.random.normal();
  }

  /** The gradient of strength times the sum of |w_rec|, or of |w_rec| times distance. */
  addPenalty() {
    const { gradient, joined, prices, setup: { units, penalty_strength }, recurrence: { width } } = this;
    for (let to = 0; to < units; to++) {
      for (let from = 0; from < units; from++) {
        const price = prices ? prices[to * units + from] : 1;
        gradient[to * width + from] += penalty_strength * price * Math.sign(joined[to * width + from]);
      }
    }
  }

  // The column of biases holds b_in + b_rec. Both have the gradient of their sum, so Adam moves both
  // alike, and the sum by twice as much. Where w_out's rows meet the inputs there is no weight.
  adam() {
    const { joined, gradient, mean, square, setup, recurrence: { width, shape: { inputs, units, outputs } } } = this;
    const count = this.stepNumber + 1;
    const size = setup.learning_rate / (1 - BETA1 ** count), root = Math.sqrt(1 - BETA2 ** count);
    for (let row = 0; row < units + outputs; row++) {
      if (row >= units) gradient.fill(0, row * width + units, row * width + units + inputs);
      for (let column = 0, k = row * width; column <= units + inputs; column++, k++) {
        const g = gradient[k];
        mean[k] += (g - mean[k]) * (1 - BETA1);
        square[k] = square[k] * BETA2 + g * g * (1 - BETA2);
        const move = (size * mean[k]) / (Math.sqrt(square[k]) / root + EPSILON);
        joined[k] -= row < units && column === units + inputs ? 2 * move : move;
      }
    }
  }

  /** The weights as they are now, in arrays of their own. */
  weights() {
    const { joined, biasGap, recurrence } = this;
    return eachArray(recurrence.shape, (name, rows, columns) => {
      const array = new Float32Array(rows * columns);
      const sign = { b_in: 1, b_rec: -1 }[name];
      eachWeight(name, recurrence, (k, at) => (array[k] = sign ? (joined[at] + sign * biasGap[k]) / 2 : joined[at]));
      return array;
    });
  }
}
