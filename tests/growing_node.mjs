// Runs the growing sheet's modules outside a browser: a payload and states in; numbers, words and pictures out.
// usage: node growing_node.mjs <folder of modules> <payload.json> <states.json>
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, file, statesFile] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)));
const [payload, states] = [file, statesFile].map((one) => JSON.parse(readFileSync(one, "utf8")));
const { between, blend, losses, makeSheet } = await load("growing-model.js");
const text = await load("growing-text.js");
const { barsHeight, looksOf, markSvg, pictureOf, tasksSvg } = await load("growing-draw.js");

const lab = makeSheet(payload);

function shown(state) {
  const look = lab.look(state);
  const view = { ...payload, state, look, moved: "reset" };
  const live = text.describeSheet(view);
  const labels = text.pictureLabels(view);
  const words = [live, text.sheetTitle(view), text.barsTitle(view), ...Object.values(labels), ...text.numbersOf(view).flat()];
  const height = barsHeight(payload.names.length);
  const { places, sizes } = pictureOf(look, lab.side);
  return {
    cells: [...look.cells],
    links: look.links,
    labels: [...look.labels],
    active: [...look.active],
    variance: look.variance,
    right: look.right,
    numbers: [look.alive, look.moved, look.heard, look.spoken, look.mean],
    sizes: look.clusters.map(({ units }) => units.length),
    units: [...look.cells].map((cell) => lab.unitAt(state, cell)),
    places,
    active_sizes: sizes,
    live,
    words: [...words, ...text.lesionNames(look.clusters)].join(" "),
    longest: text.longestSheet(view),
    svg: tasksSvg({ ...view, fill: "red", width: 340, height }) + markSvg(state.strength),
  };
}

const a = [{ to: 0, from: 1, w: 1 }, { to: 1, from: 0, w: -2 }];
const b = [{ to: 0, from: 1, w: 3 }, { to: 2, from: 0, w: 4 }];
const way = {
  from: { places: [[0, 0]], sizes: [0] },
  to: { places: [[2, 4]], sizes: [1] },
  links: blend(a, b),
};
process.stdout.write(
  JSON.stringify({
    looks: states.map(shown),
    most: lab.most,
    blended: way.links,
    middle: between(way, 0.5),
    ends: [between(way, 0), between(way, 1)],
    marks: Array.from({ length: 36 }, (_, cluster) => Object.values(looksOf(cluster, "ink")).join()),
    powers: [1e-5, 3e-7, 3e-4].map(text.scientific),
    thousands: [7, 1500, 30000, 1234567].map(text.thousands),
    losses: losses(["a", "b", "c"], [1, 1, 0.5], [0.9, 0.2, 0.6]).map(({ name }) => name),
  }),
);
