// Runs the Lab's page modules outside a browser: questions in, numbers and words out.
// usage: node lab_page_node.mjs <folder of modules> <questions.json>
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, file] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)));
const { finish } = await load("slices.js");
const { takeApart, withLesion } = await load("lab-anatomy.js");
const { inputLikeness, lesionLikeness, portraitOf } = await load("lab-likeness.js");
const { scoresOf } = await load("lab-score.js");
const { encodeFloats, networkWeights, packNetwork } = await load("lab-file.js");
const { randIndex } = await load("lab-numbers.js");
const { decodeSetup, encodeSetup, setupText } = await load("lab-form.js");
const { DEFAULT_SETUP, checkSetup } = await load("lab-setup.js");
const { makeTestSet, taskPeriods } = await load("lab-tasks.js");
const { makeWeights } = await load("lab-train.js");
const { doneText, lookText, setText } = await load("lab-words.js");
const { accuracySvg, lossSvg, nullsSvg, sheetSvg } = await load("lab-plots.js");

const { networks = [], addresses = [], partitions = [], setups = [], slices = [] } = JSON.parse(readFileSync(file, "utf8"));

/** Everything that the page finds out of a network. */
function look(network, weights, set, periods, cut, drain = finish) {
  const a = drain(takeApart(network, weights, set));
  const flow = a.recurrent.live.length > 1 ? drain(portraitOf(a, encodeFloats)) : null;
  const likeness = flow && drain(lesionLikeness(a, flow));
  const scores = drain(scoresOf(a, periods, likeness, drain(inputLikeness(a))));
  const kinds = ["output", "input", "neurons"];
  const lesions = Object.fromEntries(kinds.map((kind) => [kind, drain(withLesion(a, kind, cut)).accuracy]));
  return { a, flow, likeness, scores, lesions };
}

const answers = networks.map(({ file: network, set, periods, cut }) => {
  const inputs = Float64Array.from(set.inputs);
  const { a, scores, lesions } = look(network, networkWeights(network), { ...set, inputs }, periods, cut);
  return { scores, lesions, rules: a.rules, accuracy: a.intact.accuracy, labels: a.recurrent.labels, input: a.input.labels };
});

/** Setups as the page says, shares and shows them, untrained. */
const told = setups.map((changes) => {
  const setup = { ...DEFAULT_SETUP, ...changes };
  const wrong = checkSetup(setup);
  if (wrong.length) return { words: setText(setup, wrong), svg: "" };
  const weights = makeWeights(setup);
  const network = packNetwork(weights, setup, 0);
  const set = makeTestSet({ ...DEFAULT_SETUP, task: setup.task, dt_ms: setup.dt_ms });
  const { a, flow, likeness, scores, lesions } = look(network, weights, set, taskPeriods(setup.task, setup.dt_ms), [0, 1]);
  const run = flow?.portrait.run(flow.portrait.start(null), a.view.rest, { kind: "none", index: 0 });
  const view = { name: "A", anatomy: a, group: "r-0", chosen: [0, 1], lesion: "output", after: { accuracy: lesions.output }, run, alike: "" };
  const size = { width: 300, height: 200 };
  const done = (all) => doneText({ step: 1, stopped: false, seconds: 0, evaluation: { accuracy: { all } } }, setup, "A");
  const svg = [
    lossSvg({ ...size, steps: setup.steps, losses: [1e9, 0.3], book: [1, 0.5] }), lossSvg({ ...size, steps: setup.steps, losses: [] }),
    accuracySvg({ ...size, steps: setup.steps, points: [{ step: 0, types: [null, 0.5] }] }),
    sheetSvg({ ...size, units: setup.units, weights: weights.w_rec, labels: a.recurrent.labels, chosen: [0] }),
    likeness?.live.length ? nullsSvg({ ...size, ...likeness }) : "",
  ];
  const words = [setText(setup, wrong), lookText(view), ...[null, 0, 0.5, 0.8, 1].map(done)].join("\n");
  return { words, svg: svg.join(""), scores };
});

/** The longest time, in ms of the processor, that one part of the work takes; in the best of three rounds, as machines pause. */
const longest = slices.map((units) => {
  let most = 0;
  let least = Infinity;
  const drain = (work) => {
    for (;;) {
      const began = process.cpuUsage();
      const step = work.next();
      const { user, system } = process.cpuUsage(began);
      most = Math.max(most, (user + system) / 1000);
      if (step.done) return step.value;
    }
  };
  const setup = { ...DEFAULT_SETUP, units };
  const weights = makeWeights(setup);
  const set = makeTestSet(setup);
  for (let round = 0; round < 4; round++) {
    most = 0;
    look(packNetwork(weights, setup, 0), weights, set, taskPeriods(setup.task, 100), [0, 1], drain);
    if (round) least = Math.min(least, most); // in the first the machine translates the program
  }
  return least;
});

process.stdout.write(JSON.stringify({
  networks: answers,
  setups: told,
  slices: longest,
  partitions: partitions.map(([one, other]) => randIndex(one, other)),
  addresses: addresses.map((changes) => {
    const setup = { ...DEFAULT_SETUP, ...changes };
    const fields = Object.fromEntries(Object.entries(encodeSetup(setup)).map(([name, value]) => [name, String(value)]));
    return { fields, decoded: decodeSetup(fields), setup, text: setupText(setup) };
  }),
  unknown: [{ units: "1000" }, { task: "maze" }, { f: "sine" }, { rate: "x" }, { coherences: "" }].map((fields) => decodeSetup(fields)),
}));
