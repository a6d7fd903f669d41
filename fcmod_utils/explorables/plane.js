// Units in the plane of two input weights.
import { fixed, label, line, mark, niceTicks, number } from "./draw.js";

// Rules 1 to 6 as the hue of the input that is stronger (or none), filled where its weight is positive.
const RULE_HUES = ["fc-stimulus-1", "fc-stimulus-2", "fc-opposed", "fc-opposed", "fc-stimulus-1", "fc-stimulus-2"];
const filled = (rule) => rule >= 0 && rule < 3;
export const ruleKind = (rule) => `fc-mark ${RULE_HUES[rule] ?? "fc-opposed"}${filled(rule) ? "" : " fc-hollow"}`;

// Where the number of a rule stands, as an angle in degrees in the middle of its sector.
const MIDDLES = [22, 68, -45, 135, 202, 248];

/** How far the plane reaches: a whole number, so that it seldom changes under a moving slider. */
const reachOf = (plane) => Math.max(2, Math.ceil(Math.max(...plane.flat().map(Math.abs))));

/** Places that several units share, with how many do. */
function crowded(plane) {
  const counts = new Map();
  for (const point of plane) counts.set(`${point}`, (counts.get(`${point}`) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 2).map(([key, count]) => [key.split(",").map(Number), count]);
}

/** Units in the plane of their first two weights: color and filling by rule, shape by module; chosen ones in a ring. */
export function planeSvg({ width, height, plane, rules, labels, names = ["input 1", "input 2"], chosen }) {
  const reach = reachOf(plane);
  const side = Math.min(width - 34, height - 50);
  const [left, top] = [(width - side + 24) / 2, 10];
  const x = (w) => left + (side * (w + reach)) / (2 * reach);
  const y = (w) => top + (side * (reach - w)) / (2 * reach);
  const parts = [
    line(x(-reach), y(0), x(reach), y(0), "fc-axis"),
    line(x(0), y(-reach), x(0), y(reach), "fc-axis"),
    line(x(-reach), y(-reach), x(reach), y(reach), "fc-zero"),
  ];
  for (const tick of niceTicks(-reach, reach, 4)) {
    parts.push(label(x(tick), top + side + 15, number(tick)));
    parts.push(label(left - 6, y(tick) + 4, number(tick), { anchor: "end" }));
  }
  MIDDLES.forEach((degrees, i) => {
    const angle = (degrees * Math.PI) / 180;
    const far = (0.94 * reach) / Math.max(Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle)));
    const at = [x(far * Math.cos(angle)), y(far * Math.sin(angle)) + 5];
    parts.push(label(...at, i + 1, { kind: "fc-rule-number" }));
  });
  plane.forEach(([first, second], unit) => {
    const dot = mark(x(first), y(second), Math.max(0, labels[unit]), ruleKind(rules[unit]), 3.6);
    const ring = chosen?.includes(unit)
      ? `<circle class="fc-chosen" cx="${fixed(x(first))}" cy="${fixed(y(second))}" r="6.5"/>` : "";
    parts.push(chosen ? `<g data-unit="${unit}">${ring}${dot}</g>` : dot);
  });
  for (const [[first, second], count] of crowded(plane)) {
    parts.push(label(x(first), y(second) + 20, `${count} units`, { kind: "fc-ink" }));
  }
  parts.push(label(left + side / 2, top + side + 33, `weight from ${names[0]}`));
  const turned = `translate(${fixed(left - 34)} ${fixed(top + side / 2)}) rotate(-90)`;
  parts.push(`<g transform="${turned}">${label(0, 0, `weight from ${names[1]}`)}</g>`);
  return parts.join("");
}
