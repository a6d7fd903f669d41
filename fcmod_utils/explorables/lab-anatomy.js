// One network taken apart: modules before and after the dynamics, what lesions cost, where its state flows.
// All of it generators, since none may hold the page for long.
import { choices, connectivityInParts } from "./fc.js";
import { withoutUnits } from "./flow.js";
import { partitionInParts } from "./louvain.js";
import { meanOf, pearson, varyingUnits } from "./lab-numbers.js";
import { membersOf } from "./modules.js";
import { makeNetwork, readOut, run } from "./rnn.js";
import { rule } from "./weights.js";

export const SEARCHES = 20; // for the best partition

/** What the task says of trials, outputs and inputs. */
export const VIEWS = {
  perceptual_decision_making: {
    title: "Decision-making",
    types: ["stimulus-1 trials", "stimulus-2 trials"],
    stimuli: ["stimulus 1", "stimulus 2"],
    outputs: ["fixate", "choice 1", "choice 2"],
    pair: [1, 2],
    rest: [1, 0.5, 0.5],
    pushes: [["Push 1", [1, 4, 0]], ["Push 2", [1, 0, 4]]],
  },
  go_nogo: {
    title: "Go/no-go",
    types: ["no-go trials", "go trials"],
    stimuli: ["no-go", "go"],
    outputs: ["no-go", "go"],
    pair: [0, 1],
    rest: [1, 0, 0],
    pushes: [["No-go cue", [1, 1, 0]], ["Go cue", [1, 0, 1]]],
  },
};

/** Modules of the correlation of [row, unit]: labels by unit (-1: silent), q, and the live units' matrix. */
export function* findModules(rows, units, searches = SEARCHES) {
  const { live, mean, sd } = varyingUnits(rows, units);
  const labels = new Array(units).fill(-1);
  if (live.length < 2) return { live, mean, sd, labels, fc: new Float32Array(live.length ** 2), q: 0, sizes: [] };
  const fc = yield* connectivityInParts(rows, units, live);
  const found = yield* partitionInParts(fc, live.length, searches);
  live.forEach((unit, k) => (labels[unit] = found.labels[k]));
  return { live, mean, sd, labels, fc, q: found.q, sizes: moduleSizes(labels) };
}

const moduleSizes = (labels) => Array.from({ length: Math.max(...labels) + 1 }, (_, k) => membersOf(labels, k).length);

/** The same modules, numbered with some of them first. */
function putFirst(part, first) {
  const order = [...new Set([...first, ...part.sizes.keys()])];
  const labels = part.labels.map((label) => order.indexOf(label));
  return { ...part, labels, sizes: moduleSizes(labels) };
}

/** Hidden activity of all trials, a few trials at a time. */
function* runInParts(network, { inputs, trials, steps }) {
  const each = inputs.length / trials;
  const hidden = new Float32Array(trials * steps * network.units);
  for (let trial = 0; trial < trials; trial++) {
    hidden.set(run(network, inputs.subarray(trial * each, (trial + 1) * each), 1, steps), trial * steps * network.units);
    if (trial % 4 === 3) yield;
  }
  return hidden;
}

/** The last step of each trial, [trial, unit]. */
function lastRows(hidden, { trials, steps }, units) {
  const last = new Float32Array(trials * units);
  for (let trial = 0; trial < trials; trial++) {
    const at = ((trial + 1) * steps - 1) * units;
    last.set(hidden.subarray(at, at + units), trial * units);
  }
  return last;
}

/** Share of right choices of each type; trials of coherence 0 have no right answer. */
function behavior(network, last, set, cut = []) {
  const chosen = choices(readOut(network, last, cut), set.trials, network.outputs);
  const accuracy = [0, 1].map((type) => {
    const asked = chosen.flatMap((choice, trial) =>
      set.groundTruth[trial] === type && set.coherence?.[trial] !== 0 ? [choice === set.targets[trial]] : []);
    return asked.length ? asked.filter(Boolean).length / asked.length : NaN;
  });
  return { accuracy, all: (accuracy[0] + accuracy[1]) / 2 };
}

/** Before the dynamics: w_in x + b_in of every row. */
function* project({ wIn, units, inputs }, bIn, x) {
  const rows = x.length / inputs;
  const out = new Float32Array(rows * units);
  for (let row = 0, at = 0; row < rows; row++) {
    if (row % 500 === 499) yield;
    for (let unit = 0; unit < units; unit++) {
      let sum = bIn[unit];
      for (let c = 0; c < inputs; c++) sum += wIn[unit * inputs + c] * x[row * inputs + c];
      out[at++] = sum;
    }
  }
  return out;
}

/** Activity, modules of both layers, the six rules, and accuracy of a network on a test set. */
export function* takeApart(file, weights, set) {
  const network = makeNetwork(file);
  const { units } = network;
  const view = VIEWS[file.task];
  const hidden = yield* runInParts(network, set);
  if (!hidden.every(Number.isFinite)) throw new Error(
    "This network’s activity grows without bound, so there is nothing to take apart.");
  const projection = yield* project(network, weights.b_in, set.inputs);
  yield;
  const outputs = readOut(network, hidden);
  yield;
  const rows = [...new Array(set.trials * set.steps).keys()];
  const output = (o) => Float64Array.from(rows, (row) => outputs[row * network.outputs + o]);
  const [one, other] = view.pair.map(output);
  const favor = one.map((value, row) => value - other[row]);
  const found = yield* findModules(hidden, units);
  const follows = found.sizes.map((_, k) => pearson(meanOf(hidden, units, membersOf(found.labels, k), rows), favor));
  yield;
  const sides = [follows.indexOf(Math.max(...follows)), follows.indexOf(Math.min(...follows))];
  const recurrent = found.sizes.length ? putFirst(found, sides) : found;
  const input = yield* findModules(projection, units);
  const last = lastRows(hidden, set, units);
  const plane = [...new Array(units).keys()].map((unit) => [1, 2].map((c) => network.wIn[unit * network.inputs + c]));
  return {
    file, weights, set, network, view, hidden, projection, outputs, rows, favor, recurrent, input, last, plane,
    rules: plane.map(([first, second]) => rule(first, second)),
    intact: behavior(network, last, set),
  };
}

/** What some units are worth: accuracy without their read-out, without their input, or without them. */
export function* withLesion({ network, set, last }, kind, chosen) {
  if (kind === "output") return behavior(network, last, set, chosen);
  const wIn = network.wIn.slice();
  for (const unit of chosen) wIn.fill(0, unit * network.inputs, (unit + 1) * network.inputs);
  const lesioned = kind === "input" ? { ...network, wIn } : withoutUnits(network, chosen);
  const without = yield* runInParts(lesioned, set);
  return behavior(network, lastRows(without, set, network.units), set);
}
