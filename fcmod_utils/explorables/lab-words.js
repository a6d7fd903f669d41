// The Lab in words: what was set, what training came to, what a lesion did.
import { setupText } from "./lab-form.js";
import { capital, percent, signed } from "./text.js";

const list = (items) => (items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`);
export const called = (name) => (name === "book" ? "the book’s network" : `network ${name}`);
const many = (count, what) => `${count}\u00a0${what}${count === 1 ? "" : "s"}`;

/** What would be trained now, or why it cannot be. */
export function setText(setup, [wrong]) {
  if (wrong) return `This cannot be trained: ${wrong.message}.`;
  return `Set for the next training: ${setupText(setup)}. Press Train.`;
}

/** What a training came to; chance is a half. */
export function doneText({ step, stopped, seconds, evaluation: { accuracy } }, setup, name) {
  const how =
    `${stopped ? "Stopped" : "Done"} after ${many(step, "step")} in ${seconds.toFixed(1)}\u00a0s; this is network ${name}.`;
  if (accuracy.all === null) {
    return `${how} At coherence 0 no trial has a right answer, so there was nothing to learn. Add a coherence above 0.`;
  }
  const right = `It is right in ${percent(accuracy.all)} of test trials.`;
  if (accuracy.all > 0.9) return `${how} ${right} It is taken apart below.`;
  const why = [
    setup.steps < 300 && "more steps",
    setup.units < 10 && "more units",
    (setup.learning_rate > 0.02 || setup.learning_rate < 0.0003) && "a learning rate near 0.001",
    setup.penalty !== "none" && "a weaker penalty",
    setup.noise > 0.5 && "less noise",
    setup.batch < 8 && "a larger batch",
  ].filter(Boolean);
  const state = accuracy.all < 0.25 ? "It hardly ever gives an answer of the right kind"
    : accuracy.all < 0.6 ? "It has not learned the task (half is chance)" : "It has not learned it all";
  return `${how} ${right} ${state}: try ${list(why.length ? why : ["more steps", "another seed"])}.`;
}

/** "module 1 (34 units)", "input module B (20 units)", "unit 17 (module 1)". */
export function groupText(group, units, labels) {
  const [layer, index] = group.split("-");
  if (layer === "u") return `unit ${index} (${labels[index] < 0 ? "silent" : `module ${labels[index] + 1}`})`;
  const name = layer === "r" ? `module ${Number(index) + 1}` : `input module ${letterOf(Number(index))}`;
  return `${name} (${many(units.length, "unit")})`;
}

export const letterOf = (index) => (index < 26 ? String.fromCharCode(65 + index) : `${index + 1}`);

export const LESIONS = { none: "nothing", output: "its output", input: "its input weights", neurons: "it out of the layer" };
const DEEDS = {
  output: "without its output to the read-out",
  input: "without its input weights",
  neurons: "cut out of the recurrent layer",
};

/** From one share to another, for one type of trial. */
function change(name, before, after) {
  const [a, b] = [percent(before), percent(after)];
  if (a === b) return `${name} stay at ${a}`;
  return `${name} ${after > before ? "rise" : "fall"} from ${a} to ${b}`;
}

/** What is seen now: modules of both layers, and what the lesion did. */
export function lookText({ name, anatomy: { recurrent, input, intact, view }, group, chosen, lesion, after, run, alike }) {
  if (!recurrent.sizes.length) return `${capital(called(name))} has fewer than two units that vary, so no modules.`;
  const count = (sizes) => many(sizes.filter((size) => size > 1).length, "module");
  const layers =
    `${capital(called(name))}: ${count(recurrent.sizes)} in the recurrent layer (q = ${signed(recurrent.q)}), ` +
    `${count(input.sizes)} in the input projections (q = ${signed(input.q)}).`;
  const who = groupText(group, chosen, recurrent.labels);
  const [one, two] = intact.accuracy;
  let deed = `You look at ${who}; nothing is cut: ${
      percent(one)} of ${view.types[0]} and ${percent(two)} of ${view.types[1]} are right.`;
  if (lesion !== "none") {
    const result = after
      ? `${[0, 1].map((k) => change(view.types[k], intact.accuracy[k], after.accuracy[k])).join(", ")}.` : "counting …";
    deed = `${capital(who)} ${DEEDS[lesion]}: ${result}`;
  }
  return [layers, deed, run && runText(run, view), alike].filter(Boolean).join(" ");
}

/** Where the state goes. */
function runText({ steps, ended, outputs, path }, { outputs: names, pair: [one, other] }) {
  const ends = { rest: "comes to rest", moves: "still moves", left: "runs far off" };
  const side = outputs[one] > outputs[other] ? one : other;
  const from = path[0].map((value) => signed(value, 1)).join(",\u00a0");
  return `From (${from}) the state ${ends[ended]} after ${many(steps, "step")}, on the side of ${names[side]}.`;
}

export const likenessText = ({ r, live }) =>
  (live.length ? `Lesion similarity and FC: r = ${signed(r)}` : "Lesion similarity: too few live units");
export const nullsText = ({ q, p, live }) =>
  live.length ? `FC modules on it: q = ${signed(q)}, p ${p < 0.0015 ? "≤ 0.001" : `= ${p.toFixed(3)}`}`
    : "FC modules on it";
