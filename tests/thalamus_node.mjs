// Runs the thalamus map's modules outside a browser: a payload in; numbers, words and pictures out.
// usage: node thalamus_node.mjs <folder of modules> <payload.json>
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)));
const payload = JSON.parse(readFileSync(file, "utf8"));
const { numberedAs } = await load("modules.js");
const { makeThalamus } = await load("thalamus-model.js");
const { describeArea, describeChoice, pictureLabels } = await load("thalamus-text.js");
const { mapLayout, mapSvg, stripLayout, stripSvg } = await load("thalamus-draw.js");

const { areas, nuclei, places, r } = payload;
const lab = makeThalamus(payload);
const size = { width: 400, height: 170 };

function shown(state) {
  const look = lab.look(state);
  const view = { ...payload, state, look, strongest: lab.strongest };
  const layout = mapLayout(places, size.width);
  const map = mapSvg({ layout, areas, labels: look.labels, chosen: areas.indexOf(state.area), width: size.width });
  const svg = map + stripSvg({ layout: stripLayout({ r, nuclei, ...size }), r, nuclei, state });
  const spoken = Object.values(pictureLabels(view)).join(" ");
  return { ...look, s: [...look.s], state, choice: describeChoice(view), area: describeArea(view), spoken, svg };
}

const states = [false, true].flatMap((distance) =>
  ["", ...nuclei].map((without, k) => ({ without, distance, area: areas[k % areas.length] })),
);
const numbered = numberedAs([0, 0, 0, 1, 1, 2], [1, 1, 2, 0, 0, 0]);
process.stdout.write(JSON.stringify({ looks: states.map(shown), numbered }));
