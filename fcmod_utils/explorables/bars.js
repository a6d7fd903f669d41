// Accuracy of two types of trial, before and after.
import { label, line, marker, rectangle } from "./draw.js";

/** Two bars (stimulus-1, stimulus-2 trials) over a small table; a line marks the intact network. */
export function barsSvg({ width, height, intact, cut }) {
  const [left, right, top, bottom] = [44, width, 22, height - 64];
  const y = (share) => bottom - share * (bottom - top);
  const slot = (right - left) / 2;
  const parts = [];
  for (const tick of [0, 0.5, 1]) {
    parts.push(line(left, y(tick), right, y(tick), tick === 0 ? "fc-axis" : "fc-grid"));
    parts.push(label(left - 6, y(tick) + 4, `${100 * tick} %`, { anchor: "end" }));
  }
  parts.push(label(left - 6, bottom + 38, "now", { anchor: "end" }));
  parts.push(label(left - 6, bottom + 58, "intact", { anchor: "end" }));
  for (const type of [0, 1]) {
    const center = left + slot * (type + 0.5);
    const wide = Math.min(40, slot * 0.6);
    const high = (bottom - top) * cut[type];
    parts.push(
      rectangle(`fc-bar fc-stimulus-${type + 1}`, center - wide / 2, bottom - high, wide, high),
      line(center - wide / 2 - 6, y(intact[type]), center + wide / 2 + 6, y(intact[type]), "fc-intact"),
      marker(center, bottom + 13, type),
      label(center, bottom + 38, `${Math.round(100 * cut[type])} %`, { kind: "fc-value" }),
      label(center, bottom + 58, `${Math.round(100 * intact[type])} %`),
    );
  }
  return parts.join("");
}
