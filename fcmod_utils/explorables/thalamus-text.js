// The thalamus map in words: the live text, and the labels that stand for the pictures.
import { percent, signed } from "./text.js";

export const HINT =
  "Remove a nucleus from the thalamus: does similarity of input stop going with functional connectivity? " +
  "Then take distance out.";

const listed = (items) => (items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`);
const counted = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;

/** Sizes of the modules, in the order of their numbers. */
export function sizesOf(labels) {
  const sizes = new Map();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  return [...sizes].sort((a, b) => a[0] - b[0]);
}

/** What the choice did. */
export function describeChoice({ look, state, nuclei, areas, moved }) {
  const { labels, q, r, rAll, moved: changed } = look;
  const begin = moved === "reset" ? "Back to the first view. " : "";
  const what = state.without ? `Without ${state.without}` : `With all ${nuclei.length} nuclei`;
  const how = state.distance ? " and with distance taken out of both" : "";
  const was = state.without ? ` (with all ${nuclei.length}, ${signed(rAll, 3)})` : "";
  const modules = sizesOf(labels).map(([, size]) => size);
  const some = changed ? `${changed} of ${areas.length} areas change module` : "No area changes module";
  const other = state.without ? ` ${some}.` : "";
  return (
    `${begin}${what}${how}, similarity and functional connectivity agree with r = ${signed(r, 3)}${was}. ` +
    `${counted(modules.length, "module")} of similarity (${listed(modules)} areas), q = ${signed(q)}.${other}`
  );
}

/** The area that is pointed at. */
export function describeArea({ look, state, areas, strongest }) {
  const n = areas.length;
  const area = areas.indexOf(state.area);
  const inputs = strongest(area, state.without).map(({ name, share }) => `${name} ${percent(share)}`);
  const others = areas.map((_, j) => j).filter((j) => j !== area);
  const alike = others.reduce((best, j) => (look.s[area * n + j] > look.s[area * n + best] ? j : best), others[0]);
  const likeness = `${areas[alike]} (${signed(look.s[area * n + alike])})`;
  const most = state.distance ? "Most alike beyond what distance says" : "Most alike";
  const module = `module ${look.labels[area] + 1}`;
  return `${state.area}, ${module}. Strongest thalamic input: ${listed(inputs)} of its total. ${most}: ${likeness}.`;
}

/** Labels of the pictures, for those who do not see them. */
export function pictureLabels({ look, state, areas, nuclei, r }) {
  const members = sizesOf(look.labels).map(
    ([label]) => `module ${label + 1}: ${areas.filter((_, i) => look.labels[i] === label).join(", ")}`,
  );
  const range = (values) => {
    const rest = values.slice(1);
    return `${signed(Math.min(...rest), 3)} to ${signed(Math.max(...rest), 3)}`;
  };
  const left = state.distance ? "What distance leaves of similarity" : "Similarity";
  return {
    similarity: `${left} of thalamic input between ${areas.length} areas, ordered by module; q ${signed(look.q)}.`,
    map: `The areas from above and from the side, by module. ${members.join("; ")}.`,
    strip:
      `r without each of ${nuclei.length} nuclei in turn: ${range(r.raw)}; ` +
      `with distance taken out, ${range(r.distance)}. Now ${signed(look.r, 3)}.`,
  };
}
