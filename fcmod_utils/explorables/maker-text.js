// The module maker in words: models, hints, the live text and the labels that stand for the pictures.
import { RULE_NAMES } from "./weights.js";
import { capital, percent, signed } from "./text.js";

const decimal = (value) => value.toFixed(2);
const larger = (d) => (d ? `one of each unit’s two larger by ${decimal(d)}` : "both of each unit’s two equal");

/** What each model is called, its parameter, and what to try with it. */
export const MODELS = {
  gaussian: {
    name: "Random weights",
    parameter: "Inputs",
    axis: "number of inputs",
    format: String,
    say: (n) => `random weights from ${n} inputs`,
    hint: "Every weight is drawn at random, and that alone makes modules. Add inputs: what becomes of q?",
  },
  sign: {
    name: "Sign model",
    parameter: "Negative weights",
    axis: "units with negative weights (%)",
    format: (share) => String(Math.round(100 * share)),
    shown: percent,
    say: (share) =>
      share % 1 ? `weights of 1, ${percent(share)} of units with −1 instead` : `all weights ${share ? "−1" : "1"}`,
    hint: "Two inputs; both weights of a unit are 1, or both −1. Slide to 0: when all agree, no module is left.",
  },
  difference: {
    name: "Difference model",
    parameter: "Difference",
    axis: "difference between a unit’s weights (SD)",
    format: String,
    shown: decimal,
    say: (d) => `positive weights, ${larger(d)}`,
    hint: "Two inputs; all weights are positive, and one of each unit’s two is larger. Slide to 0: no module is left.",
  },
  sign_difference: {
    name: "Sign-difference model",
    parameter: "Difference",
    axis: "difference between a unit’s weights (SD)",
    format: String,
    shown: decimal,
    say: (d) => `weights of either sign, ${larger(d)}`,
    hint: "Two inputs; weights differ in sign and in size. Set the difference to 0 and count the modules; then raise it.",
  },
};

const count = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
const list = (items) => (items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`);

/** The modules and how good they are; in words where there are none. */
function aboutModules({ sizes, modules, q, labels }, { curve, at, values, draws }) {
  const silent = labels.filter((label) => label < 0).length;
  if (silent === labels.length) return "no unit varies, so there is no correlation and there are no modules.";
  const apart = silent ? ` ${count(silent, "unit")} without activity ${silent === 1 ? "belongs" : "belong"} to none.` : "";
  if (sizes.length === 1) {
    return `no modules, for all ${sizes[0]} units go up and down together and nothing sets one group apart (q = 0).${apart}`;
  }
  const alone = sizes.filter((size) => size === 1).length;
  const rest = alone ? `, and ${count(alone, "unit")} alone` : "";
  const many = `${count(modules, "module")} (${list(sizes.slice(0, modules))} units${rest})`;
  const k = values.indexOf(at);
  const usual = `median of ${draws} draws ${signed(curve.median[k])}`;
  const close = q < 0.02 ? " That is next to nothing: the groups barely differ." : "";
  return `${many}, q = ${signed(q)} (${usual}).${close}${apart}`;
}

/** Do weights foretell FC, and do rules foretell modules? */
function aboutWeights({ agreement, inputs, nested, sizes, labels }) {
  const made = sizes.length < 2 ? "" : ", so it is the private noise that makes these modules";
  const foretell = Number.isNaN(agreement)
    ? `Connection similarity is the same for all pairs of units${made}.`
    : `Connection similarity and FC agree with r = ${signed(agreement)}${agreement < 0.5 ? made : ""}.`;
  if (sizes.length < 2) return foretell;
  if (inputs > 2) return `${foretell} The plane shows two of the ${inputs} inputs, and the six rules know only these.`;
  return `${foretell} ${nested} of ${labels.length} units share a module with most units of their rule.`;
}

/** The live text: what is shown now, with the numbers of all views. */
export function describe(view) {
  const { state, look, before, moved } = view;
  const start = moved === "reset" ? "Back to the first view. " : "";
  const noise = state.noise ? `, private noise of SD ${state.noise}` : "";
  const what = `${capital(MODELS[state.model].say(state.at))}${noise}, draw ${state.draw + 1}: `;
  const changed = before !== undefined && signed(before) !== signed(look.q);
  const change = changed ? ` Before this move q was ${signed(before)}.` : "";
  return `${start}${what}${aboutModules(look, view)}${change} ${aboutWeights(look)}`;
}

/** A text as long as `describe` can get, to reserve its room. */
export function longestDescription({ draws, units }) {
  const view = { values: [4], at: 4, draws, curve: { median: [0.88] }, before: 0.88, moved: "another" };
  const sizes = [28, 24, 20, 10, 9, 7, 1, 1];
  const look = { sizes, modules: 6, q: 0.011, labels: new Array(units).fill(0), inputs: 2, nested: 88, agreement: NaN };
  return describe({ ...view, look, state: { model: "difference", at: 4, noise: 8, draw: 0 } });
}

/** Labels of the pictures, for those who do not see them. */
export function labels({ state, look, curve, values, draws }) {
  const { q, inputs, rules, agreement, sizes } = look;
  const k = values.indexOf(state.at);
  const ordered = sizes.length < 2 ? "" : ` Ordered by module; modules of ${list(sizes)} units.`;
  const perRule = RULE_NAMES.map((name, r) => `rule ${r + 1} (${name}): ${rules.filter((one) => one === r).length}`);
  const { name, axis } = MODELS[state.model];
  const ends = [curve.median[0], curve.median.at(-1)].map((value) => signed(value));
  const range = [curve.low[k], curve.high[k]].map((value) => signed(value));
  return {
    weights: `Weights of ${rules.length} units from ${inputs} inputs.${ordered}`,
    similarity: `Cosine between the input weights of all pairs of units; r with FC ${signed(agreement)}.${ordered}`,
    fc: `Correlation of all pairs of units; q ${signed(q)}.${ordered}`,
    plane: `Units by their weights from inputs 1 and 2. ${perRule.join("; ")}.`,
    curve:
      `${name}: q over ${axis}, median of ${draws} draws from ${ends.join(" to ")}; ` +
      `here median ${signed(curve.median[k])}, range ${range.join(" to ")}, this network ${signed(q)}.`,
  };
}
