// The module maker's plane of weights and its curve of q.
import { fixed, label, line, mark, niceTicks, number, rectangle } from "./draw.js";

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

/** Units in the plane of their first two weights: color and filling by rule, shape by module. */
export function planeSvg({ width, height, plane, rules, labels }) {
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
    parts.push(mark(x(first), y(second), Math.max(0, labels[unit]), ruleKind(rules[unit]), 3.6));
  });
  for (const [[first, second], count] of crowded(plane)) {
    parts.push(label(x(first), y(second) + 20, `${count} units`, { kind: "fc-ink" }));
  }
  parts.push(label(left + side / 2, top + side + 33, "weight from input 1"));
  const turned = `translate(${fixed(left - 34)} ${fixed(top + side / 2)}) rotate(-90)`;
  parts.push(`<g transform="${turned}">${label(0, 0, "weight from input 2")}</g>`);
  return parts.join("");
}

/** q over the model's parameter: median of stored draws in their range, and the network at hand. */
export function curveSvg({ width, height, values, curve, at, q, axis, format }) {
  const [left, right, top, bottom] = [34, width - 18, 10, height - 40];
  const [low, high] = [values[0], values.at(-1)];
  const x = (value) => left + ((right - left) * (value - low)) / (high - low);
  const y = (value) => bottom - ((bottom - top) * Math.max(0, value)) / 0.8;
  const points = (row) => row.map((value, i) => `${fixed(x(values[i]))},${fixed(y(value))}`);
  const band = [...points(curve.low), ...points(curve.high).reverse()].join(" ");
  const parts = [`<polygon class="fc-range" points="${band}"/>`];
  for (const tick of [0, 0.2, 0.4, 0.6, 0.8]) {
    parts.push(line(left, y(tick), right, y(tick), tick === 0 ? "fc-axis" : "fc-grid"));
    parts.push(label(left - 6, y(tick) + 4, tick.toFixed(1), { anchor: "end" }));
  }
  for (const tick of new Set([low, ...niceTicks(low, high, 5)])) {
    if (tick !== low && x(tick) - left < 24) continue; // no room beside the first
    parts.push(line(x(tick), bottom, x(tick), bottom + 4, "fc-axis"), label(x(tick), bottom + 17, format(tick)));
  }
  parts.push(`<polyline class="fc-median" points="${points(curve.median).join(" ")}"/>`);
  parts.push(line(x(at), top, x(at), bottom, "fc-now"), mark(x(at), y(q), 0, "fc-dot", 5.5));
  parts.push(label((left + right) / 2, height - 6, axis));
  return parts.join("");
}
