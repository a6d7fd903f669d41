// The lesion lab without its page: payload in, numbers out.
import { decodeFloats, makeNetwork, readOut, run } from "./rnn.js";
import { membersOf, orderByModule } from "./modules.js";
import { choiceShares, meanOutputs, withinAndBetween } from "./behavior.js";
import { choices, functionalConnectivity } from "./fc.js";

/** Inputs [trial, step, 3] (fixation, stimulus 1, stimulus 2) at one coherence, with stored noise. */
export function decisionInputs(task, noise, groundTruth, coherence) {
  const { fixation, stimulus, delay, decision } = task.steps;
  const steps = fixation + stimulus + delay + decision;
  const inputs = new Float32Array(groundTruth.length * steps * 3);
  groundTruth.forEach((type, trial) => {
    for (let step = 0; step < steps; step++) {
      const at = (trial * steps + step) * 3;
      inputs[at] = step < steps - decision ? 1 : 0;
      if (step < fixation || step >= fixation + stimulus) continue;
      for (const channel of [0, 1]) {
        const sign = channel === type ? 1 : -1;
        const sample = noise[(trial * stimulus + step - fixation) * 2 + channel];
        inputs[at + 1 + channel] = task.baseline + sign * task.contrast_per_percent * coherence + sample;
      }
    }
  });
  return inputs;
}

/** Round as Python does: halves go to the even neighbor. */
function roundHalfEven(x) {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** Units of a module whose read-out is cut: largest read-out column (L2 norm) first. */
export function unitsToCut(network, labels, module, share) {
  const { units, outputs, wOut } = network;
  const members = membersOf(labels, module);
  const size = (unit) => {
    let sum = 0;
    for (let o = 0; o < outputs; o++) sum += wOut[o * units + unit] ** 2;
    return sum;
  };
  const ordered = members.sort((a, b) => size(b) - size(a) || a - b);
  return ordered.slice(0, roundHalfEven(share * ordered.length));
}

/** Live units ordered by module: their indices and labels. */
function liveUnits(labels) {
  const units = orderByModule(labels).filter((unit) => labels[unit] >= 0);
  return { units, labels: units.map((unit) => labels[unit]) };
}

/** The lab: `intact(coherence)` is remembered, `cut(state)` re-reads the outputs. */
export function makeLab(payload) {
  const { task, modules, ground_truth: groundTruth } = payload;
  const network = makeNetwork(payload);
  const noise = decodeFloats(payload.noise);
  const trials = groundTruth.length;
  const steps = Object.values(task.steps).reduce((sum, n) => sum + n, 0);
  const live = liveUnits(modules);
  const memory = new Map();

  function behavior(hidden, cut) {
    const outputs = readOut(network, hidden, cut);
    const shares = choiceShares(choices(outputs, trials, network.outputs), groundTruth, network.outputs);
    const accuracy = shares.map((share, type) => share[type + 1]);
    return { outputs, shares, accuracy, means: meanOutputs(outputs, groundTruth, network.outputs) };
  }

  function intact(coherence) {
    if (!memory.has(coherence)) {
      const inputs = decisionInputs(task, noise, groundTruth, coherence);
      const hidden = run(network, inputs, trials, steps);
      const fc = functionalConnectivity(hidden, network.units, live.units);
      const summary = withinAndBetween(fc, live.labels);
      memory.set(coherence, { hidden, fc, summary, ...behavior(hidden, []) });
    }
    return memory.get(coherence);
  }

  function cut({ module, share, coherence }) {
    const units = unitsToCut(network, modules, module, share);
    return { units, ...behavior(intact(coherence).hidden, units) };
  }

  const sizes = payload.module_names.map((_, module) => membersOf(modules, module).length);
  return { network, live, sizes, trials, steps, intact, cut, has: (coherence) => memory.has(coherence) };
}
