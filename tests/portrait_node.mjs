// Runs the phase portrait's modules outside a browser: payload file and states in, numbers out.
// usage: node portrait_node.mjs <folder of modules> <payload.json> <states.json>
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, payloadFile, statesFile] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)));
const read = (file) => JSON.parse(readFileSync(file, "utf8"));
const { makePortrait, widened } = await load("portrait-model.js");
const { fieldSummary } = await load("portrait-summary.js");
const { decodeState, encodeState } = await load("portrait-share.js");
const { describe, labels, longestDescription } = await load("portrait-text.js");

const payload = read(payloadFile);
const portraits = payload.networks.map(makePortrait);
const plain = (flows) => Object.fromEntries(Object.entries(flows).map(([name, values]) => [name, values && [...values]]));
const texts = (fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));

const results = read(statesFile).map((state) => {
  const entry = payload.networks[state.network];
  const portrait = portraits[state.network];
  const field = portrait.field(state.inputs, state.lesion);
  const rows = state.rows ? entry.modules.map((_, unit) => [...portrait.row(state.inputs, unit)]) : [];
  const run = portrait.run(portrait.start(state.from), state.inputs, state.lesion, state.steps ?? 200);
  const summary = fieldSummary(portrait.points, field);
  const view = { entry, state, run, field, summary, grid: entry.plane, from: run.path[0], boundary: portrait.boundary };
  const moves = ["start", "network", "lesion", "input", "push", "drop", "reset"];
  return {
    points: [...portrait.points],
    intact: [...field.intact],
    lesioned: field.lesioned && [...field.lesioned],
    distances: field.distances && [...field.distances],
    rows,
    boundary: portrait.boundary,
    path: run.path,
    wide: widened(entry.plane, run.path),
    flows: state.rows ? plain(portrait.flows(state.inputs, state.lesion, widened(entry.plane, run.path))) : null,
    end: [...run.states.at(-1)],
    outputs: run.outputs,
    ended: run.ended,
    summary,
    text: Object.fromEntries(moves.map((moved) => [moved, describe({ ...view, moved })])),
    labels: labels({ ...view, missed: { unit: 0, largest: 1 } }),
    address: encodeState(payload, state),
    decoded: decodeState(payload, texts(encodeState(payload, state))),
  };
});
process.stdout.write(JSON.stringify({ results, longest: longestDescription(payload).length }));
