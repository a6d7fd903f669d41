// What a training is made of, under the names of Python's recipes.Recipe; and what is allowed.
import { LAB_TASKS } from "./lab-tasks.js";

export const DEFAULT_SETUP = Object.freeze({
  task: "perceptual_decision_making",
  units: 100,
  nonlinearity: "relu",
  tau_ms: 100,
  dt_ms: 100,
  steps: 1000,
  batch: 16,
  window: 100,
  learning_rate: 0.001,
  noise: 0,
  coherences: Object.freeze([0, 6.4, 12.8, 25.6, 51.2]),
  penalty: "none",
  penalty_strength: 0,
  seed: 0,
});

export const SETUP_LIMITS = {
  task: { allowed: Object.keys(LAB_TASKS) },
  units: { min: 3, max: 200, whole: true },
  nonlinearity: { allowed: ["relu", "tanh", "softplus"] },
  tau_ms: { min: 5, max: 2000 },
  dt_ms: { min: 5, max: 500 },
  steps: { min: 1, max: 20000, whole: true },
  batch: { min: 1, max: 256, whole: true },
  window: { min: 1, max: 500, whole: true },
  learning_rate: { min: 1e-6, max: 100 },
  noise: { min: 0, max: 10 },
  penalty: { allowed: ["none", "l1", "distance"] },
  penalty_strength: { min: 0, max: 10 },
  seed: { min: 0, max: 4294967295, whole: true },
};
const ROWS = 25600; // most time steps of a batch, batch times window: more would fill the memory

/** What is allowed instead of a number or word, or an empty text if it is. */
export function fault(value, { allowed, min, max, whole }) {
  if (allowed) return allowed.includes(value) ? "" : allowed.join(", ");
  const fits = typeof value === "number" && value >= min && value <= max && (!whole || Number.isInteger(value));
  return fits ? "" : `${whole ? "a whole number" : "a number"} from ${min} to ${max}`;
}

function coherenceFault(values) {
  const fits = (value) => typeof value === "number" && value >= 0 && value <= 100;
  const right = Array.isArray(values) && values.length > 0 && values.length <= 20 && values.every(fits);
  return right ? "" : "1 to 20 numbers from 0 to 100";
}

/** The longest time step that fits into every period of a task. */
export function longestStep(task) {
  return Math.min(...Object.values(LAB_TASKS[task].timing_ms).filter((duration) => duration > 0));
}

/** What keeps a setup from being trained: [{ name, message }], empty if nothing does. */
export function checkSetup(setup) {
  const found = [];
  const add = (name, allowed) =>
    found.push({ name, message: `${name} is ${JSON.stringify(setup[name])}; allowed: ${allowed}` });
  for (const [name, limits] of Object.entries(SETUP_LIMITS)) {
    const allowed = fault(setup[name], limits);
    if (allowed) add(name, allowed);
  }
  const allowed = coherenceFault(setup.coherences);
  if (allowed) add("coherences", allowed);
  if (found.length) return found;
  const longest = longestStep(setup.task);
  if (setup.dt_ms > longest) add("dt_ms", `up to ${longest}, the shortest period of the task`);
  if (setup.dt_ms > setup.tau_ms) add("dt_ms", `up to tau_ms, which is ${setup.tau_ms}`);
  const most = Math.floor(ROWS / setup.window);
  if (setup.batch > most) add("batch", `up to ${most} with a window of ${setup.window}`);
  return found;
}
