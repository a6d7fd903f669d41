// The digit lab in words: the live text, what the pen does, and labels that stand for the pictures.
import { SIDE } from "./digit-pad.js";
import { percent, signed } from "./text.js";

/** What to try; `start` is the digit of the first view. */
export const hint = (start) =>
  start === 4
    ? "Draw a digit, or turn this one into another: close the top of the 4 and see its units regroup as those of a 9."
    : "Draw a digit, or turn this one into another, and see its units regroup.";

/** A share in words that never round to all or nothing. */
export function likely(share) {
  if (share > 0.995) return "over 99\u00a0%";
  return share < 0.005 ? "under 1\u00a0%" : percent(share);
}

const moduleName = (module) => `module ${module + 1}`;
const sd = (value) => `${signed(value, 1).replace(/^(?=\d)/, "+")}\u00a0SD`;

/** The modules that stand furthest above and below the digit's average. */
function tuning(tuned) {
  const ranking = [...tuned.keys()].sort((a, b) => tuned[b] - tuned[a]);
  const [up, down] = [ranking[0], ranking.at(-1)];
  const parts = [
    ...(tuned[up] >= 0.05 ? [`${moduleName(up)} is turned up (${sd(tuned[up])})`] : []),
    ...(tuned[down] <= -0.05 ? [`${moduleName(down)} down (${sd(tuned[down])})`] : []),
  ];
  if (!parts.length) return "no module is turned up or down";
  return parts.length === 1 && tuned[up] < 0.05 ? parts[0].replace(" down", " is turned down") : parts.join(", ");
}

/** What the network makes of the drawing. */
export function describeDigit({ look, moved }) {
  const { read, shares, ranking, inked, hidden, alike, tuned } = look;
  const begin = moved === "reset" ? "Back to the first view. " : "";
  const [first, second] = alike.map(({ digit, ari }) => `${digit} (ARI ${signed(ari)})`);
  const like = `Modules of a ${read} are most like those of ${first} and ${second}.`;
  if (!inked) {
    const active = hidden.filter((value) => value > 0).length;
    return (
      `${begin}Empty canvas: with no ink, each hidden unit gets only its bias. ${active} of ${hidden.length} ` +
      `are active, and the network leans to ${read} (${likely(shares[read])}), which is no reading. ${like}`
    );
  }
  const sure = shares[read] < 0.5 ? "Unsure: read as" : "Read as";
  return (
    `${begin}${sure} ${read} (${likely(shares[read])}); next comes ${ranking[1]} (${likely(shares[ranking[1]])}). ` +
    `Beside an average ${read}, ${tuning(tuned)}. ${like}`
  );
}

/** The longest that the live text gets. */
export function longestDigit(view) {
  const alike = [4, 9].map((digit) => ({ digit, ari: -0.05 }));
  const look = { ...view.look, inked: 0, hidden: new Float64Array(view.look.hidden.length), alike };
  return describeDigit({ look, moved: "reset" });
}

/** Where the pen is and what it does. */
export function describePen({ at, down, erases }, look) {
  const [across, below] = at.map((place) => Math.max(1, Math.min(SIDE, Math.ceil(place))));
  const what = `${erases ? "Eraser" : "Pen"} ${down ? "down" : "up"}`;
  return `${what} at column ${across}, row ${below}. ${look.inked} of ${SIDE ** 2} cells inked.`;
}

/** Titles over the pictures. */
export const titles = ({ look }) => ({
  hiddenTitle: `Hidden units, by the modules of a ${look.read}`,
  partitionsTitle: `Modules of a ${look.read} beside those most like them`,
});

/** Titles of the three partitions. */
export const rowTitles = ({ read, alike, inked }) => [
  `${read}, ${inked ? "as read" : "no reading"}: columns are units, lines modules`,
  ...alike.map(({ digit, ari }) => `${digit}, ARI with ${read}: ${signed(ari)}`),
];

/** Labels of the pictures, for those who do not see them. */
export function pictureLabels({ look, state }) {
  const { shares, tuned, labels, read } = look;
  const size = (module) => labels.filter((label) => label === module).length;
  const modules = tuned.map((value, module) => `${moduleName(module)}: ${size(module)} units, ${sd(value)}`);
  const silent = size(-1) ? `; ${size(-1)} silent` : "";
  const what = state.example < 0 ? "your drawing" : `a real ${state.example} of the test set`;
  return {
    seen: `What the network sees: ${look.inked ? what : "nothing"}, centered, 28 by 28 pixels.`,
    hidden:
      `Hidden units by the modules of a ${read}; discs show activity, rings that of an average ${read}. ` +
      `Mean deviation from it: ${modules.join("; ")}${silent}.`,
    answers: `Probability of each answer: ${[...shares].map((share, digit) => `${digit}: ${likely(share)}`).join(", ")}.`,
    partitions: `The module of each unit in three partitions: ${rowTitles(look).join("; ")}.`,
  };
}
