// Runs the Lab's anatomy outside a browser: a network file and trials in, scores out.
// usage: node lab_node.mjs <folder of modules> <questions.json>
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, file] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)));
const { finish } = await load("slices.js");
const { takeApart, withLesion } = await load("lab-anatomy.js");
const { portraitOf, lesionLikeness, inputLikeness } = await load("lab-likeness.js");
const { scoresOf } = await load("lab-score.js");
const { decodeFloats } = await load("rnn.js");

const encode = (values) => Buffer.from(Float32Array.from(values).buffer).toString("base64");
const { networks = [] } = JSON.parse(readFileSync(file, "utf8"));

const answers = networks.map(({ file, set, periods, cut }) => {
  const weights = Object.fromEntries(Object.entries(file.weights).map(([name, text]) => [name, decodeFloats(text)]));
  const a = finish(takeApart(file, weights, { ...set, inputs: Float64Array.from(set.inputs) }));
  const flow = finish(portraitOf(a, encode));
  const likeness = finish(lesionLikeness(a, flow));
  const scores = finish(scoresOf(a, periods, likeness, finish(inputLikeness(a))));
  const lesions = cut && Object.fromEntries(["output", "input", "neurons"].map((kind) => [kind, finish(withLesion(a, kind, cut)).accuracy]));
  const { recurrent, input, rules, intact } = a;
  const axes = Array.from(decodeFloats(flow.entry.plane.axes));
  return {
    scores, lesions, rules, accuracy: intact.accuracy, labels: recurrent.labels, q: recurrent.q,
    input: input.labels, axes, low: flow.entry.plane.low, high: flow.entry.plane.high,
  };
});
process.stdout.write(JSON.stringify({ networks: answers }));
