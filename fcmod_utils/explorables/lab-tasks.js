// Trials of the two tasks, drawn as fcmod_utils.tasks draws them (the numbers differ, their laws do not).
import { Random } from "./lab-random.js";

const FIXED_SEED = 0xfc; // of the test trials: the same for every network
const [BASELINE_MEAN, PERCENT_PER_MEAN] = [0.5, 200];

export const LAB_TASKS = {
  perceptual_decision_making: {
    inputs: ["fixation", "stimulus 1", "stimulus 2"],
    outputs: ["fixate", "choice 1", "choice 2"],
    timing_ms: { fixation: 100, stimulus: 2000, delay: 0, decision: 100 },
    answer: (truth) => truth + 1,
  },
  go_nogo: {
    inputs: ["fixation", "no-go", "go"],
    outputs: ["no-go", "go"],
    timing_ms: { fixation: 0, stimulus: 500, delay: 500, decision: 500 },
    answer: (truth) => truth,
  },
};
const PDM = "perceptual_decision_making";

/** First step of each period of a task and the step after its last; `steps` is the trial's length. */
export function taskPeriods(name, dt_ms) {
  const periods = {};
  let steps = 0;
  for (const [period, duration] of Object.entries(LAB_TASKS[name].timing_ms)) {
    periods[period] = [steps, (steps += Math.floor(duration / dt_ms))];
  }
  return { ...periods, steps };
}

/** Returns fill(x, at, step, trial): the inputs x[at], x[at + 1], ... of a step of a trial { truth, coherence }. */
function inputsOf({ task, dt_ms }, random) {
  const { stimulus, decision } = taskPeriods(task, dt_ms);
  const sd = 1 / Math.sqrt(dt_ms);
  return (x, at, step, { truth, coherence }) => {
    x[at] = step < decision[0] ? 1 : 0;
    x[at + 1] = x[at + 2] = 0;
    if (step < stimulus[0] || step >= stimulus[1]) return;
    if (task !== PDM) {
      x[at + 1 + truth] = 1;
      return;
    }
    const drift = (truth === 0 ? coherence : -coherence) / PERCENT_PER_MEAN;
    x[at + 1] = BASELINE_MEAN + drift + sd * random.normal();
    x[at + 2] = BASELINE_MEAN - drift + sd * random.normal();
  };
}

// Endless training batches. Each lane of the batch is a stream of whole trials that is cut every
// `window` steps whatever the trials' borders, so most windows start in the middle of a trial.
// next(x, targets, place) writes the inputs of a step and lane from x[place(step, lane)] on, and the
// output that should be largest into targets[step * batch + lane].
export function makeWindows(setup, random) {
  const { task, batch, window, coherences } = setup;
  const periods = taskPeriods(task, setup.dt_ms);
  const fill = inputsOf(setup, random);
  const trials = new Array(batch);
  let step = 0;
  return (x, targets, place) => {
    for (let t = 0, row = 0; t < window; t++) {
      for (let lane = 0; lane < batch; lane++, row++) {
        if (step === 0) trials[lane] = { truth: random.below(2), coherence: coherences[random.below(coherences.length)] };
        fill(x, place(t, lane), step, trials[lane]);
        targets[row] = step >= periods.decision[0] ? LAB_TASKS[task].answer(trials[lane].truth) : 0;
      }
      step = (step + 1) % periods.steps;
    }
  };
}

// Trials to look at a network with: as many of one type as of the other, of every coherence.
// inputs [trial, step, channel]; targets: the right output of each trial from step `rightFrom` on (before: 0).
export function makeTestSet(setup, trials = 200, seed = FIXED_SEED) {
  const { steps, decision } = taskPeriods(setup.task, setup.dt_ms);
  const fill = inputsOf(setup, new Random(seed, 1));
  const groundTruth = Array.from({ length: trials }, (_, i) => i % 2);
  const { coherences } = setup;
  const coherence = setup.task === PDM ? groundTruth.map((_, i) => coherences[(i >> 1) % coherences.length]) : null;
  const inputs = new Float64Array(trials * steps * 3);
  for (let trial = 0; trial < trials; trial++) {
    const one = { truth: groundTruth[trial], coherence: coherence?.[trial] };
    for (let step = 0; step < steps; step++) fill(inputs, 3 * (trial * steps + step), step, one);
  }
  const targets = groundTruth.map(LAB_TASKS[setup.task].answer);
  return { inputs, trials, steps, groundTruth, coherence, targets, rightFrom: decision[0] };
}
