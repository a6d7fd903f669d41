// The wiring box in words: the live text, numbers, and the labels that stand for the pictures.
import { percent, signed } from "./text.js";
import { apart } from "./wiring-model.js";

export const HINT =
  "Turn the box. Untick “Keep diagonal” and watch Q. Switch to L1: does weight still avoid distance? " +
  "Then drag the ringed unit along the box: what does the move cost?";
export const KINDS = ["Embedded", "L1"];
export const COLORS = ["module", "in-strength", "goal − options"];
const PASS = 0.9;

/** About three digits that carry. */
export const brief = (value) => signed(value, Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);

export const gammaOf = (strengths, { kind, strength }) => strengths[kind][strength].toPrecision(2);

/** The numbers beside the pictures: [name, value]. */
export function numbersOf({ look, state }) {
  const [first, second] = state.diagonal ? ["Q, with diagonal", "without"] : ["Q, without diagonal", "with"];
  const failing = look.accuracy <= PASS ? " ×" : "";
  return [
    ["r(|w|, distance)", signed(look.r)],
    [first, `${signed(look.q)} (${second}: ${signed(look.otherQ)})`],
    ["Small-worldness σ", signed(look.sigma)],
    ["Accuracy", `${percent(look.accuracy)}${failing}`],
    [`Total weight${state.diagonal ? "" : ", without diagonal"}`, brief(look.kept)],
    ["Cost Σ|w|DC", brief(look.all)],
  ];
}

/** What the state is. */
export function describeWiring({ look, state, strengths, epochs, places, moved }) {
  const begin = moved === "reset" ? "Back to the first view. " : "";
  const kind = KINDS[state.kind] === "L1" ? "L1 network" : "Embedded network";
  const fails = epochs[state.epoch] ? " (the chapter leaves out such networks)" : " (untrained)";
  const works = look.accuracy > PASS ? "" : fails;
  const diagonal = state.diagonal ? "with the diagonal" : "without the diagonal";
  const far = Math.abs(state.x - places[state.unit][0]);
  const share = look.cost > 0 ? (100 * (look.all - look.cost)) / look.cost : 0;
  const change = `${share < 0 ? "" : "+"}${signed(share, 1)}\u00a0%`;
  const unit = far
    ? `Unit ${state.unit + 1}, moved by ${signed(far, 1)}, costs ${brief(look.now)} instead of ${brief(look.own)}: ` +
      `the total changes by ${change}.`
    : `Unit ${state.unit + 1} pays ${brief(look.own)} of ${brief(look.all)} for its place.`;
  return (
    `${begin}${kind}, γ = ${gammaOf(strengths, state)}, epoch ${epochs[state.epoch]}: accuracy ` +
    `${percent(look.accuracy)}${works}, r(|w|, distance) = ${signed(look.r)}, Q = ${signed(look.q)} ${diagonal}, ` +
    `σ = ${signed(look.sigma)}. ${unit}`
  );
}

// Numbers that take as much room as any.
const LONGEST = { accuracy: 0.62, r: -0.22, q: 0.22, sigma: 10.22, own: 222, all: 2222, now: 222, cost: 2000 };

/** The longest that the live text gets. */
export function longestWiring(view) {
  const home = view.places[view.state.unit][0];
  const state = { ...view.state, x: home > 1 ? 0 : home + 1, kind: 0, epoch: view.epochs.length - 1, diagonal: false };
  return describeWiring({ ...view, look: LONGEST, state, moved: "reset" });
}

/** What the colors mean, over the pictures. */
export function colorWords({ look, state }) {
  if (state.color === 1) return "A unit's color: weight that it receives, the stronger the purple, the more";
  if (state.color === 2) return "A unit's color: its activity follows the options (blue) … the goal (red)";
  const sizes = new Map();
  for (const module of look.labels) sizes.set(module, (sizes.get(module) ?? 0) + 1);
  const parts = [...sizes].sort((a, b) => a[0] - b[0]).map(([, size]) => size);
  const large = parts.filter((size) => size > 2).slice(0, 5);
  return `A unit's color and shape: its module. ${parts.length} modules, the largest of ${large.join(", ") || 1} units`;
}

/** Labels of the pictures, for those who do not see them. */
export function pictureLabels({ look, state, places }) {
  const edges = `${look.edges.length} strongest connections`;
  const within = (low, high) =>
    look.edges.filter(({ to, from }) => {
      const d = apart(places[to], places[from]);
      return d >= low && d < high;
    }).length;
  return {
    box:
      `Box of ${look.shown.length} units with the ${edges}, turned by ${state.yaw} and tilted by ${state.pitch} ` +
      `degrees, colored by ${COLORS[state.color]}. Arrow keys turn it; with Shift, left and right move the picked unit.`,
    scatter:
      `Absolute weight against distance, r ${signed(look.r)}. Of the ${edges}, ${within(0, 1.5)} join neighbors ` +
      `less than 1.5 grid steps apart and ${within(3, Infinity)} units 3 or more apart.`,
    curve:
      `Cost of unit ${state.unit + 1} along the box: ${look.along.filter((_, i) => i % 10 === 0).map(brief).join(", ")} ` +
      `at 0 to ${look.steps.at(-1)}; least at ${signed(look.best, 1)}.`,
  };
}
