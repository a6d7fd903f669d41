// The lab's line plots.
import { fixed, label, line, marker, niceTicks, number, rectangle } from "./draw.js";

/** Time axis up to the decision, which gets a band of its own: that is where a choice is made. */
function timeScale(times, left, right) {
  const [first, before, last] = [times[0], times.at(-2), times.at(-1)];
  const band = right - 0.26 * (right - left);
  const place = (right + band) / 2;
  // at the decision intact and cut stand side by side, so that no mark hides another
  const x = (t, cut) => {
    if (t === last) return place + (cut ? 9 : -9);
    return left + ((t - first) / (before - first)) * (band - left);
  };
  return { x, band, place };
}

/** One panel of lines over time. series: [{ values, type, cut }], marked at the decision. */
function panel({ box, times, domain, series, title, xLabels }) {
  const { left, right, top, bottom } = box;
  const { x, band, place } = timeScale(times, left, right);
  const y = (v) => bottom - ((v - domain[0]) / (domain[1] - domain[0])) * (bottom - top);
  const parts = [
    rectangle("fc-band", band, top, right - band, bottom - top),
    label(left, top - 8, title, { anchor: "start", kind: "fc-ink" }),
    label(place, top - 8, "decision"),
  ];
  for (const tick of niceTicks(domain[0], domain[1], 4)) {
    parts.push(line(left, y(tick), right, y(tick), tick === 0 ? "fc-zero" : "fc-grid"));
    parts.push(label(left - 6, y(tick) + 4, number(tick), { anchor: "end" }));
  }
  for (const tick of [0, times.at(-1) / 2, times.at(-1)]) {
    const at = tick === times.at(-1) ? place : x(tick);
    parts.push(line(at, bottom, at, bottom + 4, "fc-axis"));
    if (xLabels) parts.push(label(at, bottom + 17, number(tick)));
  }
  parts.push(line(left, bottom, right, bottom, "fc-axis"));
  for (const { values, type, cut } of series) {
    const points = values.map((v, i) => `${fixed(x(times[i], cut))},${fixed(y(v))}`).join(" ");
    parts.push(`<polyline class="fc-line fc-stimulus-${type + 1}${cut ? " fc-cut" : ""}" points="${points}"/>`);
  }
  for (const { values, type, cut } of series) {
    parts.push(marker(x(times.at(-1), cut), y(values.at(-1)), type, cut));
  }
  return parts.join("");
}

/** Two stacked panels (choice 1, choice 2) with a shared time axis. */
export function tracesSvg({ width, height, times, domain, panels }) {
  const [left, right, gap, foot] = [26, width - 2, 34, 40];
  const tall = (height - 22 - gap - foot) / 2;
  const drawn = panels.map(({ title, series }, i) => {
    const top = 22 + i * (tall + gap);
    const box = { left, right, top, bottom: top + tall };
    return panel({ box, times, domain, series, title, xLabels: i === panels.length - 1 });
  });
  drawn.push(label((left + right) / 2, height - 6, "time from stimulus onset (ms)"));
  return drawn.join("");
}
