// What a network on its way can do, and its functional connectivity, on trials it is not trained on.
import { makeTestSet } from "./lab-tasks.js";
import { Recurrence, transpose } from "./lab-recurrence.js";
import { joinWeights, shapeOf } from "./lab-train.js";

const AT_ONCE = 20; // trials of a part
const [SILENT_PART, STILL] = [1e-6, 3e-8]; // a unit is silent that varies less, next to the liveliest or to its own mean

/** Returns measure(weights): yields between parts, returns an evaluation, or null if activity has no bounds. */
export function makeEvaluator(setup) {
  const set = makeTestSet(setup);
  const shape = shapeOf(setup);
  const room = new Recurrence(shape, { ...setup, batch: AT_ONCE, window: set.steps, alpha: setup.dt_ms / setup.tau_ms });
  const { width } = room;
  const products = new Float64Array(width * width); // [i, j]: sums of r_i r_j, and of r_i where j is the constant 1
  const chosen = new Array(set.trials);
  return function* measure(weights) {
    const joined = joinWeights(weights, room);
    const transposed = transpose(joined, new Float64Array(joined.length), room);
    let loss = 0;
    products.fill(0);
    for (let first = 0; first < set.trials; first += AT_ONCE) {
      placeTrials(room, set, first);
      yield* room.forward(transposed, null);
      for (let row = 0; row < AT_ONCE; row++) {
        chosen[first + row] = largest(room.made, room.outputAt(set.steps - 1, row), shape.outputs);
      }
      loss += (room.loss() * AT_ONCE) / set.trials;
      for (let t = 1; t <= set.steps; t++) {
        room.addProducts(products, t);
        yield;
      }
    }
    const finite = Number.isFinite(loss) && products.every(Number.isFinite);
    if (!finite) return null;
    return { loss_test: loss, accuracy: accuracyOf(chosen, set), ...correlations(products, width, shape, set) };
  };
}

/** Put some trials into the recurrence's room, and what is right at each of their steps. */
function placeTrials(room, { inputs, targets, rightFrom, steps }, first) {
  for (let t = 0; t < steps; t++) {
    for (let row = 0; row < AT_ONCE; row++) {
      const from = 3 * ((first + row) * steps + t);
      for (let c = 0; c < 3; c++) room.states[room.inputAt(t, row) + c] = inputs[from + c];
      room.targets[t * AT_ONCE + row] = t >= rightFrom ? targets[first + row] : 0;
    }
  }
}

function largest(x, at, count) {
  let best = 0;
  for (let o = 1; o < count; o++) if (x[at + o] > x[at + best]) best = o;
  return best;
}

/** Shares of right choices; null where no trial has a right answer (coherence 0 has none). */
function accuracyOf(chosen, { targets, groundTruth, coherence }) {
  const share = (fits) => {
    let [right, all] = [0, 0];
    targets.forEach((target, trial) => {
      if ((coherence && coherence[trial] === 0) || !fits(trial)) return;
      all += 1;
      right += chosen[trial] === target ? 1 : 0;
    });
    return all ? right / all : null;
  };
  return {
    all: share(() => true),
    types: [0, 1].map((type) => share((trial) => groundTruth[trial] === type)),
    coherences: coherence && [...new Set(coherence)].map((value) => {
      return { coherence: value, right: share((trial) => coherence[trial] === value) };
    }),
  };
}

/** Pearson correlation from sums of products; 0 for silent units, and on the diagonal. */
function correlations(products, width, { inputs, units }, { trials, steps }) {
  const [count, one] = [trials * steps, units + inputs];
  const mean = (i) => products[i * width + one] / count;
  const covariance = (i, j) => products[i * width + j] / count - mean(i) * mean(j);
  const sd = Float64Array.from({ length: units }, (_, i) => Math.sqrt(Math.max(0, covariance(i, i))));
  const most = sd.reduce((a, b) => Math.max(a, b), 0);
  const live = Uint8Array.from(sd, (s, i) => (s > SILENT_PART * most && s > STILL * Math.abs(mean(i)) ? 1 : 0));
  const fc = new Float32Array(units * units);
  for (let i = 0; i < units; i++) {
    for (let j = 0; j < i; j++) {
      if (!live[i] || !live[j]) continue;
      fc[i * units + j] = fc[j * units + i] = Math.max(-1, Math.min(1, covariance(i, j) / (sd[i] * sd[j])));
    }
  }
  return { fc, live };
}
