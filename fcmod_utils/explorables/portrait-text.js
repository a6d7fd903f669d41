// The phase portrait in words: the live sentence and the labels that stand for the pictures.
import { capital, signed } from "./text.js";

/** A place in the plane. */
const point = ([a, b]) => `(${signed(a, 1)},\u00a0${signed(b, 1)})`;

/** "module 2", "unit 17 (module 2)", "nothing". */
export function lesionName({ modules, module_names: names }, { kind, index }) {
  if (kind === "none") return "nothing";
  if (kind === "module") return `module ${names[index]}`;
  return `unit ${index} (${modules[index] < 0 ? "silent" : `module ${names[modules[index]]}`})`;
}

/** What was just done. */
function aboutMove({ entry, state, moved, from }) {
  const lesion = lesionName(entry, state.lesion);
  const inputs = entry.inputs.map(({ name }, k) => `${name} ${state.inputs[k].toFixed(2)}`).join(", ");
  const cut = state.lesion.kind === "none" ? "" : ` with ${lesion} cut out`;
  if (moved === "drop") return `Dropped at ${point(from)} (${inputs})${cut}, the state`;
  if (moved === "lesion") {
    const what = cut ? `${capital(lesion)} is cut out of the recurrent layer` : "Nothing is cut out";
    return `${what} (${inputs}). From ${point(from)} the state`;
  }
  if (moved === "input" || moved === "push") return `Inputs are now ${inputs}. From ${point(from)} the state${cut}`;
  const back = moved === "reset" ? "Back to the first view. " : "";
  return `${back}${capital(entry.title.toLowerCase())} network, ${inputs}${cut}. From ${point(from)} the state`;
}

/** Where the state goes, and on which side of the decision boundary that is. */
function aboutRun({ entry, run, boundary: [c, ca, cb] }) {
  const many = (count) => `${count}\u00a0step${count === 1 ? "" : "s"}`;
  const end = point(run.path.at(-1));
  const [one, other] = entry.compare;
  const difference = run.outputs[one] - run.outputs[other];
  const ways = {
    rest: `comes to rest after ${many(run.steps)} at ${end}`,
    moves: `still moves after ${many(run.steps)}, by ${run.moved.toFixed(3)} a step, at ${end}`,
    left: `runs far out of the plane's shown part, after ${many(run.steps)} at ${end}`,
  };
  const side = entry.outputs[difference > 0 ? one : other];
  const [a, b] = run.path.at(-1);
  const misleads = (c + ca * a + cb * b > 0) !== difference > 0;
  const remark = misleads ? " (the state lies off the plane, so the line misleads here)" : "";
  return (
    `${ways[run.ended]}, on the side of ${side}: out(${entry.outputs[one]}) − out(${entry.outputs[other]}) ` +
    `is ${signed(difference)}${remark}.`
  );
}

/** What the arrows and the lesion map show. */
function aboutFlow({ entry, state, summary }) {
  if (state.lesion.kind === "none") return `A step moves a grid point by ${signed(summary.flow)} on average.`;
  return (
    `A step moves a grid point by ${signed(summary.flowLesioned)} on average (intact ${signed(summary.flow)}). Without ` +
    `${lesionName(entry, state.lesion)} it lands ${signed(summary.distance)} from its usual place on average (the flow ` +
    `distance), ${signed(summary.largest)} at most, at ${point(summary.at)}.`
  );
}

export const describe = (view) => `${aboutMove(view)} ${aboutRun(view)} ${aboutFlow(view)}`;

/** A text as long as `describe` can well get, to reserve its room. */
export function longestDescription({ networks, start }) {
  const long = (texts) => texts.reduce((best, text) => (text.length > best.length ? text : best), "");
  const far = [-88.8, -88.8];
  const summary = { flow: 88.88, flowLesioned: 88.88, distance: 88.88, largest: 88.88, at: far };
  const texts = networks.flatMap((entry) => {
    const outputs = entry.outputs.map((_, k) => (k === entry.compare[0] ? -88.88 : 0));
    const run = { ended: "moves", steps: 200, moved: 0.888, path: [far], outputs };
    const state = { ...start, inputs: [1, 4, 4], lesion: { kind: "unit", index: entry.modules.length - 1 } };
    const boundary = [0, 0, 0];
    return ["reset", "lesion", "push"].map((moved) => describe({ entry, state, moved, from: far, run, summary, boundary }));
  });
  return long(texts);
}

/** What the cursor stands on. */
export const cursorText = (at, [da, db]) =>
  `Cursor at ${point(at)}: one step moves it by ${signed(da)} along component 1 and ${signed(db)} along component 2. ` +
  "Enter drops a state.";

/** Labels of the pictures, for those who do not see them. */
export function labels({ entry, state, run, summary, grid, missed }) {
  const lesion = lesionName(entry, state.lesion);
  const { count, low, high } = grid;
  const plane =
    `${count * count} arrows over component 1 from ${signed(low[0], 1)} to ${signed(high[0], 1)} and component 2 from ` +
    `${signed(low[1], 1)} to ${signed(high[1], 1)}; the state's path ends at ${point(run.path.at(-1))}.`;
  const map =
    state.lesion.kind === "none"
      ? "Mean over all units of how far a lesion displaces each grid point."
      : `How far the lesion of ${lesion} displaces each grid point: mean ${signed(summary.distance)}, ` +
        `largest ${signed(summary.largest)} at ${point(summary.at)}.`;
  const bars = `Mean displacement by the lesion of each unit: largest ${signed(missed.largest)}, unit ${missed.unit}.`;
  return { plane, map, bars };
}
