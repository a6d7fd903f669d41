// Runs the digit lab's modules outside a browser: a payload and drawings in; numbers, words and pictures out.
// usage: node digit_node.mjs <folder of modules> <payload.json> <inks.json>
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, file, inks] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)));
const read = (name) => JSON.parse(readFileSync(name, "utf8"));
const { asMnist, makeDigits } = await load("digit-model.js");
const { packInk, stroke, unpackInk } = await load("digit-pad.js");
const { describeDigit, describePen, longestDigit, pictureLabels } = await load("digit-text.js");
const { answersSvg, hiddenLayout, hiddenSvg, partitionsSvg } = await load("digit-draw.js");

const payload = read(file);
const drawn = read(inks).map((ink) => Uint8Array.from(ink));
const lab = makeDigits(payload);

function shown(state) {
  const look = lab.look(state);
  const view = { state, look };
  const size = { width: 400, height: 140 };
  const layout = hiddenLayout(lab.labels, size.width);
  const rows = look.alike.map(({ digit, labels }) => ({ title: digit, labels }));
  const svg = [hiddenSvg({ look, full: lab.full, layout, ...size }), answersSvg({ look, ...size }),
    partitionsSvg({ rows, levels: lab.most, ...size })].join("");
  const tool = { at: [0, 28], down: true, erases: false };
  const spoken = Object.values(pictureLabels(view)).join(" ");
  const words = { said: describeDigit(view), longest: longestDigit(view), pen: describePen(tool, look), spoken, svg };
  const { read: digit, hidden, shares, tuned, alike } = look;
  return { ...words, read: digit, hidden: [...hidden], shares: [...shares], tuned, alike };
}

const examples = payload.labels.map((_, example) => ({ example, ink: "0" }));
const texts = drawn.map(packInk);
const blank = new Uint8Array(784);
const line = stroke(blank, [4.5, 10.5], [20.5, 10.5], 1);
process.stdout.write(
  JSON.stringify({
    seen: drawn.map((ink) => [...asMnist(ink)]),
    texts,
    back: texts.map((text) => [...unpackInk(text)]),
    refused: ["", "x", "-1", "0".repeat(158), undefined].map(unpackInk),
    looks: [...examples, ...texts.map((ink) => ({ example: -1, ink }))].map(shown),
    line: [...line],
    erased: [...stroke(line, [0, 10.5], [28, 10.5], 0)],
  }),
);
