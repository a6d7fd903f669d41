// The module maker's curve of q.
import { fixed, label, line, mark, niceTicks } from "./draw.js";

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
