// Runs the Lab's engine outside a browser: a list of jobs in, their answers out.
// usage: node lab_node.mjs <folder of modules> <jobs.json>
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, jobsFile] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)));
const { Random } = await load("lab-random.js");
const { checkSetup, DEFAULT_SETUP } = await load("lab-setup.js");
const { makeTestSet, makeWindows, taskPeriods } = await load("lab-tasks.js");
const { makeWeights, sheetDistances, Trainer } = await load("lab-train.js");
const { transpose } = await load("lab-recurrence.js");
const { makeEvaluator } = await load("lab-evaluate.js");
const { networkWeights, packNetwork, unpackNetwork } = await load("lab-file.js");
const { makeServer } = await load("lab-worker.js");
const { finish } = await load("slices.js");
const { makeNetwork, readOut, run } = await load("rnn.js");
const { functionalConnectivity } = await load("fc.js");

const setupOf = (job) => ({ ...DEFAULT_SETUP, ...job.setup });
const plain = (record) => Object.fromEntries(Object.entries(record).map(([key, values]) => [key, [...values]]));
const doubles = (weights) => Object.fromEntries(Object.entries(weights).map(([key, values]) => [key, Float64Array.from(values)]));

/** A source of stored batches [step][time][lane]: { inputs, targets, noise } in turn. */
function stored(batches, setup) {
  let at = 0;
  return (x, targets, place) => {
    const { inputs, targets: right } = batches[at++];
    for (let t = 0, row = 0; t < setup.window; t++) {
      for (let lane = 0; lane < setup.batch; lane++, row++) {
        for (let c = 0; c < 3; c++) x[place(t, lane) + c] = inputs[3 * row + c];
        targets[row] = right[row];
      }
    }
  };
}

function trainerOf(job, weights = doubles(job.weights)) {
  const trainer = new Trainer(setupOf(job), weights, stored(job.batches, setupOf(job)));
  if (job.batches[0].noise) {
    let at = 0;
    trainer.noise = true;
    const draw = trainer.draw.bind(trainer);
    trainer.draw = () => {
      trainer.noise = null;
      draw();
      trainer.noise = job.batches[at++].noise;
    };
  }
  return trainer;
}

const jobs = {
  train(job) {
    const trainer = trainerOf(job);
    const [loss, weights] = [[], {}];
    for (let step = 1; step <= job.batches.length; step++) {
      loss.push(trainer.step());
      if (job.at.includes(step)) weights[step] = plain(trainer.weights());
    }
    return { loss, weights };
  },

  /** The gradient of the first step, and finite differences of its loss, at some places of the joined weights. */
  gradient(job) {
    const first = trainerOf(job);
    first.adam = () => {};
    first.step();
    const { recurrence: r, prices, setup } = first;
    const cost = (k, change) => {
      const trainer = trainerOf(job);
      trainer.joined[k] += change;
      trainer.draw();
      finish(trainer.recurrence.forward(transpose(trainer.joined, trainer.transposed, trainer.recurrence), trainer.noise));
      let loss = trainer.recurrence.loss();
      if (setup.penalty === "none") return loss;
      for (let to = 0; to < setup.units; to++) {
        for (let from = 0; from < setup.units; from++) {
          const price = prices ? prices[to * setup.units + from] : 1;
          loss += setup.penalty_strength * price * Math.abs(trainer.joined[to * r.width + from]);
        }
      }
      return loss;
    };
    const { units, inputs, outputs } = r.shape;
    const random = new Random(1);
    const places = Array.from({ length: 40 }, () => {
      const row = random.below(units + outputs);
      const column = random.below(units + 1);
      return row * r.width + (column < units ? column : units + (row < units ? random.below(inputs + 1) : inputs));
    });
    const h = 1e-6;
    return { exact: places.map((k) => first.gradient[k]), differences: places.map((k) => (cost(k, h) - cost(k, -h)) / (2 * h)) };
  },

  windows(job) {
    const setup = setupOf(job);
    const next = makeWindows(setup, new Random(setup.seed, 1));
    const x = new Float64Array(3 * setup.window * setup.batch);
    const targets = new Uint8Array(setup.window * setup.batch);
    const found = { inputs: [], targets: [], periods: taskPeriods(setup.task, setup.dt_ms) };
    for (let i = 0; i < job.count; i++) {
      next(x, targets, (step, lane) => 3 * (step * setup.batch + lane));
      found.inputs.push(...x);
      found.targets.push(...targets);
    }
    return found;
  },

  random(job) {
    const random = new Random(job.seed, job.stream);
    const draws = Array.from({ length: job.count }, () => [random.uniform(), random.normal(), random.below(7)]);
    const state = [...random.state];
    const [again, next] = [new Random(0), random.bits()];
    again.state.set(state);
    return { draws, state, next, again: again.bits() };
  },

  weights: (job) => ({ weights: plain(makeWeights(setupOf(job))), distances: [...sheetDistances(setupOf(job).units)] }),

  check: (job) => checkSetup(setupOf(job)),

  /** An evaluation, and the same from the modules that the page looks at networks with. */
  evaluate(job) {
    const setup = setupOf(job);
    const weights = job.weights ? doubles(job.weights) : makeWeights(setup);
    const found = finish(makeEvaluator(setup)(weights));
    const set = makeTestSet(setup);
    const network = makeNetwork(packNetwork(Object.values(weights)[0] ? weights : {}, setup, 0));
    const hidden = run(network, set.inputs, set.trials, set.steps);
    const units = [...found.live.keys()].filter((unit) => found.live[unit]);
    return {
      ...found,
      fc: [...found.fc],
      live: [...found.live],
      outputs: [...readOut(network, hidden)],
      pageFc: [...functionalConnectivity(hidden, network.units, units)],
      set: { ...set, inputs: [...set.inputs] },
    };
  },

  file(job) {
    try {
      const file = unpackNetwork(job.file);
      const set = makeTestSet(file.setup ?? setupOf(job), 6);
      const network = makeNetwork(file);
      const outputs = [...readOut(network, run(network, set.inputs, set.trials, set.steps))];
      return { file, set: { ...set, inputs: [...set.inputs] }, outputs, weights: plain(networkWeights(file)), again: packNetwork(networkWeights(file), file.setup ?? setupOf(job), file.step, file.name) };
    } catch (error) {
      return { error: error.message };
    }
  },

  /** What the server says when messages come after so many events of a type: [[type, count, message], ...]. */
  async serve(job) {
    const events = [];
    let longest = 0;
    await new Promise((resolve) => {
      const turns = job.messages.map((one) => [...one]);
      const receive = makeServer((event) => {
        events.push(structuredClone(event));
        const due = turns.filter((turn) => turn[0] === event.type && (turn[1] -= 1) === 0);
        for (const [, , message] of due) setImmediate(() => receive(message));
        if (["done", "failed", "idle"].includes(event.type) && !due.length) resolve();
      }, job.slice ?? 8, (task) => setImmediate(() => {
        const began = process.cpuUsage();
        task();
        const { user, system } = process.cpuUsage(began);
        longest = Math.max(longest, (user + system) / 1000);
      }));
      receive({ type: "start", run: 1, setup: setupOf(job), weights: null });
    });
    const texts = events.map((event) => JSON.stringify(event, (_, value) => (typeof value === "number" && !Number.isFinite(value) ? "NOT FINITE" : ArrayBuffer.isView(value) ? [...value] : value)));
    return { events: texts.map((text) => JSON.parse(text)), longest };
  },
};

const answers = [];
for (const job of JSON.parse(readFileSync(jobsFile, "utf8"))) answers.push(await jobs[job.kind](job));
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
