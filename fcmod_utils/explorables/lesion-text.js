// The lab in words: the live sentence, the hint and the labels that stand for the pictures.
import { percent, signed } from "./text.js";

/** "fall from 97 % to 3 % correct (most now ...)", "stay at 97 % correct" for one trial type. */
function change(before, after, shares, type) {
  const [a, b] = [percent(before), percent(after)];
  if (a === b) return `stay at ${a} correct`;
  return after > before ? `rise from ${a} to ${b} correct` : `fall from ${a} to ${b} correct${instead(shares, type)}`;
}

/** What trials that went wrong do instead, when most of them agree. */
function instead(shares, type) {
  if (shares[type + 1] > 0.5) return "";
  const other = shares[2 - type] > 0.5 ? 2 - type : 0;
  if (shares[other] <= 0.5) return "";
  const who = shares[other] === 1 ? "they" : "most";
  return ` (${who} now ${other === 0 ? "keep fixating" : `answer choice\u00a0${other}`})`;
}

/** What the last move did to behavior. */
function aboutChoices({ state, name, size, intact, cut }) {
  if (state.coherence === 0) return aboutGuesses({ name, size, intact, cut });
  const at = `at ${state.coherence}\u00a0% coherence`;
  if (cut.units.length === 0) {
    const [one, two] = intact.accuracy.map(percent);
    return (
      `Nothing is cut (0 of the ${size} units of module ${name}): ${at} the intact network is right in ` +
      `${one} of stimulus-1 trials and ${two} of stimulus-2 trials.`
    );
  }
  const [one, two] = [0, 1].map((type) => change(intact.accuracy[type], cut.accuracy[type], cut.shares[type], type));
  const both = one === two ? `trials of both types ${one}` : `stimulus-1 trials ${one}, and stimulus-2 trials ${two}`;
  return `The output of ${many(cut, size)} units of module ${name} is cut: ${at}, ${both}.`;
}

const many = ({ units }, size) => (units.length === size ? `all ${size}` : `${units.length} of the ${size}`);

/** Where no answer is right: which way the network leans. */
function aboutGuesses({ name, size, intact, cut }) {
  const nothing = cut.units.length === 0;
  const what = nothing ? `Nothing is cut (0 of the ${size}` : `The output of ${many(cut, size)}`;
  const one = ({ shares }) => percent((shares[0][1] + shares[1][1]) / 2); // as many trials of either kind
  return (
    `${what} units of module ${name}${nothing ? ")" : " is cut"}. At 0\u00a0% coherence the two kinds of trial ` +
    `differ only in noise and no answer is right. The intact network answers choice\u00a01 in ${one(intact)} ` +
    `of trials${nothing ? "" : `, now ${one(cut)}`}.`
  );
}

/** FC follows coherence, not the cut; say which of the two just happened. */
function aboutConnectivity({ intact, previous, moved }) {
  const now = `${signed(intact.summary.within)} within modules, ${signed(intact.summary.between)} between`;
  if (moved === "coherence" && previous) {
    const before = `${signed(previous.within)} and ${signed(previous.between)}`;
    return `FC follows coherence: mean ${now} (before: ${before}).`;
  }
  return `FC is the same with and without a cut (mean ${now}): the read-out comes after the recurrent layer.`;
}

/** The live text: what just happened, with the numbers of all three views. */
export function describe(view) {
  const start = view.moved === "reset" ? "Back to the first view. " : "";
  return `${start}${aboutChoices(view)} ${aboutConnectivity(view)}`;
}

/** A text as long as `describe` can get, to reserve its room. */
export function longestDescription({ name, size, start }) {
  const shares = [[0, 0, 1], [0, 1, 0]];
  const summary = { within: -0.88, between: -0.88 };
  const view = { name, size, previous: summary, intact: { accuracy: [1, 1], shares, summary } };
  const cut = { units: new Array(Math.max(1, size - 1)), accuracy: [0.88, 0.87], shares }; // two types that differ
  const moves = [0, 51.2].map((coherence) => ({ moved: "coherence", state: { coherence } }));
  moves.push({ moved: "reset", state: start });
  const texts = moves.map((move) => describe({ ...view, cut, ...move }));
  return texts.sort((a, b) => b.length - a.length)[0];
}

/** One line that says what to try; drops[module] = loss of accuracy of each trial type, cut whole. */
export function hint({ start, names, drops }) {
  const fails = (module) => (drops[module][1] >= drops[module][0] ? 1 : 0);
  const failing = fails(start.module);
  if (drops[start.module][failing] < 0.1) return "Cut a module’s output and watch which trials fail.";
  const other = drops.findIndex((drop, module) => fails(module) !== failing && drop[1 - failing] >= 0.1);
  const next = other < 0 ? "another module" : `module ${names[other]}`;
  return (
    `Slide the cut down and see when stimulus-${failing + 1} trials recover. ` +
    `Then cut ${next} instead: which trials fail now?`
  );
}

/** What the bars count; where no answer is right, a trial's own choice is only a name. */
export const barsTitle = (coherence) => (coherence === 0 ? "Gave own choice" : "Correct choices");

/** Labels of the pictures, for those who do not see them. */
export function labels({ state, intact, cut, name }) {
  const last = (means, type, output) => signed(means[type][output].at(-1));
  const traces = [1, 2].map(
    (output) =>
      `Choice ${output} output at the decision, stimulus-1 and stimulus-2 trials: ` +
      `intact ${last(intact.means, 0, output)} and ${last(intact.means, 1, output)}, ` +
      `cut ${last(cut.means, 0, output)} and ${last(cut.means, 1, output)}.`,
  );
  const bars = [0, 1].map(
    (type) =>
      `Stimulus-${type + 1} trials ${percent(cut.accuracy[type])} ` +
      `${state.coherence === 0 ? `answered choice ${type + 1}` : "correct"}, ` +
      `intact ${percent(intact.accuracy[type])}.`,
  );
  const matrix =
    `Functional connectivity ordered by module: mean ${signed(intact.summary.within)} within modules and ` +
    `${signed(intact.summary.between)} between; ${cut.units.length} units of module ${name} marked as cut.`;
  return { traces: traces.join(" "), bars: bars.join(" "), matrix };
}
