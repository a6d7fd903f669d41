// Runs the wiring box's modules outside a browser: a payload and states in; numbers, words and pictures out.
// usage: node wiring_node.mjs <folder of modules> <payload.json> <states.json>
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, file, statesFile] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)));
const [payload, states] = [file, statesFile].map((one) => JSON.parse(readFileSync(one, "utf8")));
const { makeWiring, project, weightDistance } = await load("wiring-model.js");
const { colorWords, describeWiring, longestWiring, numbersOf, pictureLabels } = await load("wiring-text.js");
const { costSvg } = await load("wiring-draw.js");

const lab = makeWiring(payload);
const finite = (value) => (Number.isNaN(value) ? null : value);

function shown(state) {
  const look = lab.look(state);
  const view = { ...payload, state, look, moved: "start" };
  const words = [describeWiring(view), colorWords(view), ...Object.values(pictureLabels(view)), ...numbersOf(view).flat()];
  const svg = costSvg({ ...view, home: payload.places[state.unit][0], width: 400, height: 170 });
  return {
    w: [...look.w],
    prices: [...look.prices],
    spots: project(look.shown, lab.sides, state),
    numbers: [look.r, look.q, look.otherQ, look.sigma, look.accuracy].map(finite),
    costs: [look.cost, look.all, look.own, look.now],
    total: look.total,
    kept: look.kept,
    along: look.along,
    labels: look.labels,
    preference: look.preference,
    edges: look.edges.map(({ to, from }) => [to, from]),
    live: words[0],
    words: words.join(" "),
    longest: longestWiring(view),
    svg,
  };
}

const flat = weightDistance(new Float64Array(9).fill(0.5), lab.distance.slice(0, 9), 3);
process.stdout.write(JSON.stringify({ looks: states.map(shown), flat: finite(flat) }));
