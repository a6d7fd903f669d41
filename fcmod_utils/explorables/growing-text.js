// The growing sheet in words: the live text, numbers, and the labels that stand for the pictures.
import { capital, percent, signed } from "./text.js";
import { losses } from "./growing-model.js";

export const HINT =
  "Press Play: the wiring thins out and neurons change places. Do those of a group end up together? Then cut " +
  "another group: which tasks fall? Click a neuron, or walk the sheet with the arrow keys.";
export const KEY =
  "Small squares: inactive neurons. Grey circles: active ones that will not stay so. A picked neuron's connections: " +
  "an arrow to who hears it, dashed if negative. ";
export const KINDS = ["Training", "BIMT, by λ", "L1, by λ"];
const POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export const thousands = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** 3e-7 as "3 × 10⁻⁷". */
export function scientific(value) {
  const [digits, power] = value.toExponential().split("e");
  const raised = power.replace("+", "").replace("-", "⁻").replace(/\d/g, (one) => POWERS[one]);
  return digits === "1" ? `10${raised}` : `${digits}\u00a0×\u00a010${raised}`;
}

/** What the slider stands at. */
export const placeWords = ({ state, steps, strengths }) =>
  state.kind ? scientific(strengths[state.strength]) : thousands(steps[state.step]);

/** Names of the lesions: none, then each cluster with its size and the task it varies most in. */
export const lesionNames = (clusters) => [
  "None",
  ...clusters.map(({ units, task }, k) => `${k + 1}: ${task} (${units.length} neurons)`),
];

export const sheetTitle = (view) => {
  const { state, steps } = view;
  const end = thousands(steps.at(-1));
  if (state.kind) return `${KINDS[state.kind].split(",")[0]}, λ = ${placeWords(view)}, step ${end}`;
  const cut = state.lesion < 0 ? "" : `, without group ${state.lesion + 1}`;
  return `Step ${placeWords(view)} of ${end}${cut}`;
};

/** Whose task variance is shown. */
export function varianceOf({ state, look }) {
  if (state.unit >= 0) return look.variance ? "of the picked neuron" : "of the picked neuron: inactive, none";
  return state.lesion >= 0 ? `mean of group ${state.lesion + 1}` : "mean of all active neurons";
}

/** What the bars are, in words above them. */
export function barsTitle(view) {
  const trained = view.state.kind || view.state.step === view.steps.length - 1 ? "" : ", in the trained network";
  const bars = view.look.intact ? "Line: intact. ◇: as many random neurons cut. " : "";
  return `${bars}Task variance (largest = 1): ${varianceOf(view)}${trained}.`;
}

/** The numbers beside the pictures: [name, value]. */
export function numbersOf({ look, state }) {
  const intact = state.lesion < 0 ? "" : ", intact";
  return [
    [`Active neurons${intact}`, String(look.alive)],
    [`Connections above 0.01${intact}`, thousands(look.count)],
    [`Their mean length in cells${intact}`, signed(look.length, 1)],
    ["Right answers, mean", `${signed(100 * look.mean, 1)}\u00a0%`],
  ];
}

function lesionWords({ state, look, names }) {
  const { units } = look.clusters[state.lesion];
  const mean = (values) => percent(values.reduce((sum, value) => sum + value, 0) / values.length);
  const worst = losses(names, look.intact, look.right).filter(({ before, after }) => before - after >= 0.05);
  const named = worst.slice(0, 3).map(({ name, before, after }) => `${name} (${percent(before)} to ${percent(after)})`);
  const most = named.length ? `, most in ${named.join(", ")}` : ": no task loses 5 points";
  const rest = names.length - worst.length;
  return (
    `Group ${state.lesion + 1} (${units.length} neurons) is cut: right answers fall from ${mean(look.intact)} to ` +
    `${mean(look.right)}${most}; ${rest} of ${names.length} tasks lose less than 5 points. ` +
    `As many random active neurons: ${mean(look.chance)}.`
  );
}

export function cellWords({ state, look, sheet }) {
  const cell = look.cells[state.unit];
  return `row ${Math.floor(cell / sheet[1]) + 1}, column ${(cell % sheet[1]) + 1}`;
}

function neuronWords(view) {
  const { state, look, names } = view;
  const cluster = look.labels[state.unit];
  const varied = look.variance ? names[look.variance.indexOf(Math.max(...look.variance))] : "";
  const kind = look.active[state.unit] ? "" : ", inactive";
  const of = cluster >= 0 ? `, group ${cluster + 1}${kind}: it varies most in ${varied}` : kind || ", of no group";
  return (
    `Neuron in ${cellWords(view)}${of}. Of the connections drawn, ${look.heard} reach it and ` +
    `${look.spoken} leave it.`
  );
}

/** What the state is, and what just happened. */
export function describeSheet(view) {
  const { state, look, steps, moved } = view;
  const parts = moved === "reset" ? ["Back to the first view."] : [];
  if (state.lesion >= 0) parts.push(lesionWords(view));
  else {
    parts.push(
      `${sheetTitle(view)}: ${look.alive} neurons active, ${thousands(look.count)} connections above 0.01, ` +
        `${signed(look.length, 1)} cells long on average; right answers ${percent(look.mean)}.`,
    );
    if (state.kind) parts.push(`${look.clusters.length} groups.`);
    else if (state.step) {
      parts.push(`${look.moved} of the active neurons sit elsewhere than at step ${thousands(steps[state.step - 1])}.`);
    }
  }
  if (state.unit >= 0) parts.push(neuronWords(view));
  return parts.join(" ");
}

/** The longest that the live text gets. */
export function longestSheet({ names, sheet, steps, cut }) {
  const long = capital([...names].sort((a, b) => b.length - a.length)[0]);
  const row = Math.max(0, ...cut.map((one) => one.length));
  const fall = `${long} (100\u00a0% to 22\u00a0%)`;
  return (
    `Back to the first view. Group 22 (222 neurons) is cut: right answers fall from 92\u00a0% to 22\u00a0%, most ` +
    `in ${[fall, fall, fall].join(", ")}; ${row} of ${row} tasks lose less than 5 points. As many random active ` +
    `neurons: 22\u00a0%. Neuron in row ${sheet[0]}, column ${sheet[1]}, group 22, inactive: it varies most in ` +
    `${long}. Of the connections drawn, 222 reach it and 222 leave it.${steps.length ? "" : " "}`
  );
}

/** Labels of the pictures, for those who do not see them. */
export function pictureLabels(view) {
  const { state, look, names, sheet } = view;
  const list = (values) => names.map((name, k) => `${name} ${values[k]}`).join(", ");
  const right = list(look.right.map((share) => Math.round(100 * share)));
  const varied = look.variance ? `; task variance ${varianceOf(view)}: ${list(look.variance.map((v) => signed(v)))}` : "";
  const chance = look.chance ? `; as many random neurons cut: ${list(look.chance.map((s) => Math.round(100 * s)))}` : "";
  return {
    sheet:
      `Sheet of ${sheet[0]} by ${sheet[1]} cells, ${sheetTitle(view)}: ${look.alive} active neurons in ` +
      `${look.clusters.length} groups, ${look.links.length} connections drawn. Arrow keys pick a neuron, ` +
      `Escape lets it go.`,
    bars: `Right answers in percent, ${sheetTitle(view)}: ${right}${chance}${varied}.`,
  };
}
