// The Lab's plots: curves of training, shuffled modularity, units on a sheet, claims against the book, pairs of units.
import { MODULE_COLORS, fitCanvas } from "./colors.js";
import { fixed, label, line, mark, niceTicks, number, rectangle } from "./draw.js";
import { sheet } from "./lab-train.js";

const AXES = { left: 44, right: 8, top: 8, foot: 36 };

/** Axes with a grid, and the two scales of a plot. */
function axes({ width, height, xs, ys, xName, xTicks, yTicks = niceTicks(...ys, 4), yText = number }) {
  const [left, right, top, bottom] = [AXES.left, width - AXES.right, AXES.top, height - AXES.foot];
  const x = (value) => left + ((right - left) * (value - xs[0])) / (xs[1] - xs[0]);
  const y = (value) => bottom - ((bottom - top) * (value - ys[0])) / (ys[1] - ys[0]);
  const parts = yTicks.flatMap((tick) => [
    line(left, y(tick), right, y(tick), tick === ys[0] ? "fc-axis" : "fc-grid"),
    label(left - 5, y(tick) + 4, yText(tick), { anchor: "end" }),
  ]);
  for (const tick of xTicks ?? niceTicks(...xs, 4)) {
    parts.push(line(x(tick), bottom, x(tick), bottom + 4, "fc-axis"));
    parts.push(label(x(tick), bottom + 16, number(Number(tick.toFixed(6))),
      { anchor: tick === xs[1] && tick !== xs[0] ? "end" : "middle" }));
  }
  parts.push(label((left + right) / 2, height - 4, xName));
  return { parts, x, y };
}

/** Means of about 300 stretches of a long row: [at, value]. */
function thinned(values) {
  const each = Math.max(1, Math.ceil(values.length / 300));
  const points = [];
  for (let from = 0; from < values.length; from += each) {
    const part = values.slice(from, from + each);
    points.push([from + part.length / 2, part.reduce((sum, value) => sum + value, 0) / part.length]);
  }
  return points;
}

const tidy = (value) => Math.max(0.02, Math.min(9.99, value));
const path = (points, x, y, kind) =>
  `<polyline class="${kind}" points="${points.map(([a, b]) => `${fixed(x(a))},${fixed(y(b))}`).join(" ")}"/>`;

/** Loss over training steps, and pale behind it that of the book's network. */
export function lossSvg({ width, height, steps, losses, book }) {
  const top = Math.max(0.5, ...thinned(losses).map(([, value]) => tidy(value)), ...(book ?? []).map(tidy));
  const { parts, x, y } = axes(
    { width, height, xs: [0, steps], ys: [0, Math.min(10, Math.ceil(2 * top) / 2)], xName: "training step" });
  const points = (row) => row.map(([at, value]) => [at, tidy(value)]);
  if (book) parts.push(path(
    points(book.map((value, k) => [(k + 0.5) * 10, value]).filter(([at]) => at <= steps)), x, y, "fc-curve fc-pale-curve"));
  if (losses.length) parts.push(path(points(thinned(losses)), x, y, "fc-curve"));
  return parts.join("");
}

/** Accuracy of the two types of trial over training steps. points: [{ step, types }]. */
export function accuracySvg({ width, height, steps, points }) {
  const { parts, x, y } = axes({ width, height, xs: [0, steps], ys: [0, 1], yTicks: [0, 0.5, 1], xName: "training step",
    yText: (v) => `${100 * v} %` });
  for (const type of [0, 1]) {
    const row = points.filter(({ types }) => types[type] !== null).map(({ step, types }) => [step, types[type]]);
    if (!row.length) continue;
    parts.push(path(row, x, y, `fc-curve fc-stimulus-${type + 1}${type ? " fc-dashed" : ""}`));
    parts.push(mark(x(row.at(-1)[0]), y(row.at(-1)[1]), 2 * type, `fc-mark fc-stimulus-${type + 1}`));
  }
  return parts.join("");
}

/** q of shuffled labels as bars, and that of the real ones as a line. */
export function nullsSvg({ width, height, nulls, q }) {
  const reach = Math.max(0.05, Math.abs(q), ...nulls.map(Math.abs)) * 1.1;
  const low = Math.min(0, ...nulls, q) * 1.1 - 0.01;
  const bins = new Array(40).fill(0);
  for (const value of nulls) bins[Math.max(0, Math.min(39, Math.floor((40 * (value - low)) / (reach - low))))] += 1;
  const most = Math.max(...bins);
  const { parts, x, y } = axes(
    { width, height, xs: [low, reach], ys: [0, most], yTicks: [0], xName: "signed modularity q" });
  const wide = (x(reach) - x(low)) / 40;
  bins.forEach((count, k) =>
    count && parts.push(rectangle("fc-range", x(low) + k * wide, y(count), wide - 0.5, y(0) - y(count))));
  parts.push(line(x(q), y(most), x(q), y(0), "fc-intact"));
  return parts.join("");
}

/** Units where they sit, by module, and the strongest connections between them. */
export function sheetSvg({ width, height, units, weights, labels, chosen }) {
  const places = sheet(units);
  const [across, down] = [0, 1].map((k) => Math.max(1, ...places.map((place) => place[k])));
  const cell = Math.min((width - 24) / across, (height - 24) / down);
  const [left, top] = [(width - across * cell) / 2, (height - down * cell) / 2];
  const at = (unit) => [left + places[unit][0] * cell, top + places[unit][1] * cell];
  const sizes = Float32Array.from(weights, (w, k) => (k % (units + 1) ? Math.abs(w) : 0)).sort();
  const least = Math.max(0.01, sizes[sizes.length - 1 - Math.min(600, Math.ceil(sizes.length / 10))]);
  const kept = [...weights.keys()].filter((k) => k % (units + 1) && Math.abs(weights[k]) > least);
  const parts = kept.map((k) => {
    const ends = [...at(k % units), ...at(Math.floor(k / units))];
    return line(...ends, weights[k] > 0 ? "fc-wire" : "fc-wire fc-minus");
  });
  for (let unit = 0; unit < units; unit++) {
    const [x, y] = at(unit);
    if (chosen.includes(unit)) parts.push(`<circle class="fc-chosen" cx="${fixed(x)}" cy="${fixed(y)}" r="8.5"/>`);
    const color = MODULE_COLORS[labels[unit]] ?? "var(--fc-muted)";
    parts.push(`<circle cx="${fixed(x)}" cy="${fixed(y)}" r="5.5" style="fill:${color}" data-unit="${unit}"/>`);
  }
  return parts.join("");
}

/** The book's networks as dots along a line, the rule as a tick, yours as marks. */
export function stripSvg({ values, low, high, rule, own }) {
  const [width, height] = [170, 30];
  const x = (value) => 6 + ((width - 12) * (Math.max(low, Math.min(high, value)) - low)) / (high - low);
  const parts = [line(6, 20, width - 6, 20, "fc-axis")];
  values.forEach((value, k) =>
    parts.push(`<circle class="fc-book" cx="${fixed(x(value))}" cy="${20 - 2.2 * (k % 5)}" r="1.8"/>`));
  parts.push(line(x(rule), 9, x(rule), 27, "fc-now"));
  own.forEach(({ value, shape }) => Number.isFinite(value) && parts.push(mark(x(value), 20, shape, "fc-own", 5)));
  return `<svg width="${width}" height="${height}" aria-hidden="true">${parts.join("")}</svg>`;
}

/** Lesion similarity against FC, a dot for each pair of units; pairs within the chosen units in ink. */
export function drawPairs(canvas, { alike, fc, live, chosen, size, colors }) {
  const context = fitCanvas(canvas, size.width, size.height);
  const [left, right, top, bottom] = [AXES.left, size.width - AXES.right, AXES.top, size.height - AXES.foot];
  const x = (value) => left + ((right - left) * (value + 1)) / 2;
  const y = (value) => bottom - ((bottom - top) * (value + 1)) / 2;
  context.strokeStyle = colors.axis;
  context.fillStyle = colors.muted;
  context.font = "12px sans-serif";
  context.strokeRect(left + 0.5, top + 0.5, right - left, bottom - top);
  context.textAlign = "center";
  for (const tick of [-1, 0, 1]) context.fillText(number(tick), x(tick), bottom + 15);
  context.fillText("FC", (left + right) / 2, size.height - 4);
  context.textAlign = "right";
  for (const tick of [-1, 0, 1]) context.fillText(number(tick), left - 4, y(tick) + 4);
  const own = live.map((unit) => chosen.includes(unit));
  for (const inside of [false, true]) {
    context.fillStyle = inside ? colors.ink : colors.axis;
    context.globalAlpha = inside ? 0.9 : 0.45;
    for (let i = 0; i < live.length; i++) {
      for (let j = i + 1; j < live.length; j++) {
        const k = i * live.length + j;
        if ((own[i] && own[j]) === inside) context.fillRect(
          x(fc[k]) - 1, y(alike[k]) - 1, inside ? 2.5 : 2, inside ? 2.5 : 2);
      }
    }
  }
  context.globalAlpha = 1;
}
