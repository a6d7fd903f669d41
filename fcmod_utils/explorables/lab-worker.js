// Trains one network at a time and says how it goes: in a worker, or in slices on the page's own thread.
//
// Messages in:  { type: "start", run, setup, weights? }, "pause", "resume", "stop", "reset".
// Messages out: "ready", and with the `run` they belong to "started", "progress", "evaluation", "paused",
// "resumed", "done", "failed", "idle"; their arrays are handed over, not copied.
import { checkSetup } from "./lab-setup.js";
import { Trainer } from "./lab-train.js";
import { makeEvaluator } from "./lab-evaluate.js";
import { packNetwork } from "./lab-file.js";

const PROGRESS_MS = 200;
const EVALUATION_MS = 1000; // between two evaluations at least, and ten times what one takes
const ADVICE = "Try a smaller learning rate, less noise or fewer units.";

/** Buffers of a message's arrays. */
function buffersOf(value) {
  if (ArrayBuffer.isView(value)) return [value.buffer];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(buffersOf) : [];
}

/** Calls its functions as tasks of their own, so that messages and frames come between. */
function makeQueue() {
  const { port1, port2 } = new MessageChannel();
  const waiting = [];
  port2.onmessage = () => waiting.shift()?.();
  return (task) => {
    waiting.push(task);
    port1.postMessage(0);
  };
}

/** Returns receive(message). `send(message, buffers)` takes answers; work is done in slices of `slice` ms. */
export function makeServer(send, slice, later = makeQueue()) {
  let job = null; // { run, parts, ... } of the training under way

  const tell = (type, fields = {}) => {
    const message = { type, run: job.run, ...fields };
    send(message, buffersOf(message));
  };

  const stepOf = (mine) => mine.trainer?.stepNumber ?? 0;
  const fail = (reason, message, result = { network: null, evaluation: null }) => {
    tell("failed", { step: stepOf(job), reason, message, ...result });
    job = null;
  };

  function work(mine) {
    if (job !== mine || mine.paused) return;
    const end = performance.now() + slice;
    try {
      do {
        if (mine.parts.next().done) {
          job = null;
          return;
        }
      } while (performance.now() < end);
    } catch (error) {
      fail("error", `Training stopped: ${error.message}.`);
      return;
    }
    later(() => work(mine));
  }

  function* evaluate(mine) {
    const began = performance.now();
    const weights = mine.trainer.weights();
    const found = yield* mine.measure(weights);
    if (found) {
      mine.kept = { step: mine.trainer.stepNumber, weights, ...found };
      mine.due = performance.now() + Math.max(EVALUATION_MS, 10 * (performance.now() - began));
    }
    return found !== null;
  }

  const seconds = (mine) => (performance.now() - mine.began - mine.rested) / 1000;

  function progress(mine) {
    const [{ stepNumber: step }, now] = [mine.trainer, performance.now()];
    const fresh = mine.loss.length;
    const rate = fresh ? (1000 * fresh) / (now - mine.told) : 0;
    const loss = Float32Array.from(mine.loss);
    tell("progress", { step, steps: mine.setup.steps, loss, steps_per_s: rate, seconds: seconds(mine) });
    mine.loss = [];
    mine.told = now;
  }

  function* training(mine) {
    mine.trainer = new Trainer(mine.setup, mine.weights);
    yield;
    mine.measure = makeEvaluator(mine.setup);
    let sound = yield* evaluate(mine);
    if (sound) tell("evaluation", structuredClone(mine.kept));
    mine.told = performance.now();
    while (sound && mine.trainer.stepNumber < mine.setup.steps && !mine.stopping) {
      const loss = yield* mine.trainer.parts();
      sound = !mine.trainer.diverged;
      if (sound) mine.loss.push(loss);
      if (performance.now() - mine.told >= PROGRESS_MS) progress(mine);
      if (sound && performance.now() >= mine.due) {
        sound = yield* evaluate(mine);
        if (sound) tell("evaluation", structuredClone(mine.kept));
      }
    }
    progress(mine);
    if (sound && mine.kept.step < mine.trainer.stepNumber) sound = yield* evaluate(mine);
    yield;
    const step = mine.trainer.stepNumber;
    const { kept = null } = mine;
    const result = { network: kept && packNetwork(kept.weights, mine.setup, kept.step), evaluation: kept };
    if (sound) {
      tell("done", { step, stopped: step < mine.setup.steps, seconds: seconds(mine), ...result });
    } else {
      const rest = kept ? ` The network of step ${kept.step} is kept.` : "";
      const message = `Training diverged at step ${step + 1}: the loss has grown beyond all bounds. ${ADVICE}${rest}`;
      fail("diverged", message, result);
    }
  }

  return ({ type, run, setup, weights }) => {
    if (type === "start") {
      job = { run, setup, weights: weights ?? undefined, loss: [], began: performance.now(), rested: 0, paused: false };
      const [wrong] = checkSetup(setup);
      if (wrong) return fail("setup", `This cannot be trained: ${wrong.message}.`);
      tell("started", { setup });
      const mine = job;
      mine.parts = training(mine);
      later(() => work(mine));
    } else if (type === "reset") {
      job = { run };
      tell("idle");
      job = null;
    } else if (job && type === "pause" && !job.paused) {
      job.paused = performance.now();
      tell("paused", { step: stepOf(job) });
    } else if (job && job.paused && (type === "resume" || type === "stop")) {
      const mine = job;
      mine.stopping = type === "stop";
      mine.rested += performance.now() - mine.paused;
      mine.told += performance.now() - mine.paused;
      mine.paused = false;
      if (type === "resume") tell("resumed", { step: stepOf(mine) });
      later(() => work(mine));
    } else if (job && type === "stop") {
      job.stopping = true;
    }
  };
}

/** In a worker: take messages from the page. The text of a page's script up to here is a worker's program. */
export function serve(scope) {
  const receive = makeServer((message, buffers) => scope.postMessage(message, buffers), 50);
  scope.onmessage = (event) => receive(event.data);
  scope.postMessage({ type: "ready" });
}
export const WORKER_END = "fc-lab-worker-ends-here";
