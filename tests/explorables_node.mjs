// Runs the lesion lab's modules outside a browser: payload file and states in, numbers out.
// usage: node explorables_node.mjs <folder of modules> <payload.json> <states.json>
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, payloadFile, statesFile] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)));
const read = (file) => JSON.parse(readFileSync(file, "utf8"));
const { makeLab } = await load("lesion-model.js");
const { describe, hint, labels, longestDescription } = await load("lesion-text.js");

const payload = read(payloadFile);
const lab = makeLab(payload);
const names = payload.module_names;

const results = read(statesFile).map((state) => {
  const [intact, cut] = [lab.intact(state.coherence), lab.cut(state)];
  const view = { state, name: names[state.module], size: lab.sizes[state.module], intact, cut };
  return {
    hidden: [...intact.hidden],
    fc: [...intact.fc].map((value) => (Number.isNaN(value) ? null : value)),
    summary: intact.summary,
    live: lab.live.units,
    intact: [...intact.outputs],
    cut: [...cut.outputs],
    cutUnits: cut.units,
    accuracy: { intact: intact.accuracy, cut: cut.accuracy },
    means: cut.means,
    shares: cut.shares,
    sharesIntact: intact.shares,
    text: Object.fromEntries(
      ["start", "module", "share", "coherence", "reset"].map((moved) => [
        moved,
        describe({ ...view, moved, previous: { within: 0.5, between: -0.25 } }),
      ]),
    ),
    labels: labels(view),
  };
});
const drops = names.map(() => [0, 0.9]);
drops[0] = [0.9, 0];
process.stdout.write(
  JSON.stringify({
    results,
    hint: hint({ start: { module: 1 }, names, drops }),
    longest: longestDescription({ name: names[0], size: Math.max(...lab.sizes), start: payload.start }).length,
  }),
);
