// Runs the module maker's modules outside a browser: questions in, numbers out.
// usage: node maker_node.mjs <folder of modules> <questions.json>
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, file] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)));
const { payload, states = [], weights = [], matrices = [], rules = [] } = JSON.parse(readFileSync(file, "utf8"));
const { activity, analyze, makeMaker } = await load("maker-model.js");
const { rule } = await load("weights.js");
const { bestPartition, modularityMatrix, quality } = await load("louvain.js");
const { normals } = await load("random.js");
const { MODELS, describe, labels, longestDescription } = await load("maker-text.js");
const { curveSvg } = await load("maker-draw.js");
const { planeSvg } = await load("plane.js");

const plain = (numbers) => [...numbers].map((value) => (Number.isNaN(value) ? null : value));
const numbersOf = (look) => ({ ...look, w: [...look.w], s: plain(look.s), fc: plain(look.fc) });
const maker = payload && makeMaker(payload);
const hasty = payload && makeMaker(payload, 5); // a few searches will do for words and pictures

/** What the page would say and draw of some numbers. */
function shown(state, look, curve, values, draws) {
  const view = { state, look, curve, at: state.at, values, draws, moved: "at", before: 0.5 };
  const { axis, format } = MODELS[state.model];
  const size = { width: 400, height: 300 };
  return {
    text: describe(view),
    start: describe({ ...view, before: undefined }),
    spoken: labels(view),
    svg: planeSvg({ ...size, ...look }) + curveSvg({ ...size, ...view, q: look.q, axis, format }),
  };
}

const answers = {
  states: states.map((state) => {
    const look = (state.whole ? maker : hasty).look(state);
    const { values, draws } = payload.models[state.model];
    const words = shown(state, look, maker.curve(state), values, draws);
    const sample = maker.sampleOf(state.draw);
    const rows = state.rows ? [...activity(look.w, payload.units, state.noise, sample)] : undefined;
    // whole matrices of a few: all of them would be tens of megabytes
    return { ...(state.whole ? numbersOf(look) : { ...look, s: [], fc: [], w: [...look.w] }), ...words, rows };
  }),
  weights: weights.map(({ w, units, noise }) => {
    const sample = { steps: 500, common: normals(500 * 20, 1), privately: normals(500 * units, 2) };
    const look = analyze(Float64Array.from(w), units, noise, sample);
    const curve = { median: [0, 0.5, 0], low: [0, 0.4, 0], high: [0, 0.6, 0] };
    return { ...numbersOf(look), ...shown({ model: "sign", at: 0.5, noise, draw: 0 }, look, curve, [0, 0.5, 1], 1) };
  }),
  matrices: matrices.map(({ w, n, runs, labels: given }) => {
    const b = modularityMatrix(Float64Array.from(w.flat()), n);
    return { b: [...b], ...bestPartition(Float64Array.from(w.flat()), n, runs), given: given && quality(b, given) };
  }),
  rules: rules.map(([first, second]) => rule(first, second)),
  longest: payload && longestDescription({ draws: payload.models.sign.draws, units: payload.units }).length,
  normals: [...normals(20001, 3)],
  again: [...normals(5, 3)],
  other: [...normals(5, 4)],
};
process.stdout.write(JSON.stringify(answers));
