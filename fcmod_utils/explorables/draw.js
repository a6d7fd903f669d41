// Pieces of pictures as SVG text. Colors are CSS classes, so both themes come for free.

/** Round numbers that cover [low, high] in about `count` steps. */
export function niceTicks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) ticks.push(i * step);
  return ticks;
}

export const fixed = (value) => value.toFixed(1);
export const number = (value) => String(value).replace("-", "−");
export const line = (x1, y1, x2, y2, kind) =>
  `<line class="${kind}" x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}"/>`;

export const rectangle = (kind, x, y, width, height) =>
  `<rect class="${kind}" x="${fixed(x)}" y="${fixed(y)}" width="${fixed(width)}" height="${fixed(height)}"/>`;

/** Text at a place; anchor: start, middle or end. */
export function label(x, y, text, { anchor = "middle", kind = "fc-muted" } = {}) {
  return `<text class="${kind}" x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}">${text}</text>`;
}

export const CROSS = [
  -1, -0.7, -0.7, -1, 0, -0.3, 0.7, -1, 1, -0.7, 0.3, 0, 1, 0.7, 0.7, 1, 0, 0.3, -0.7, 1, -1, 0.7, -0.3, 0,
];
// Outlines of marks about 1 in radius (x, y, x, y, ...): square, triangle, diamond, cross
export const OUTLINES = [
  [-0.9, -0.9, 0.9, -0.9, 0.9, 0.9, -0.9, 0.9],
  [0, -1.1, 1.1, 0.9, -1.1, 0.9],
  [0, -1.25, 1.25, 0, 0, 1.25, -1.25, 0],
  CROSS,
];

/** A mark of the given shape: 0 is a circle, then square, triangle, diamond; all others a cross. */
export function mark(x, y, shape, kind, size = 4) {
  if (shape === 0) return `<circle class="${kind}" cx="${fixed(x)}" cy="${fixed(y)}" r="${size}"/>`;
  const points = (OUTLINES[shape - 1] ?? CROSS).map((part, i) => fixed((i % 2 ? y : x) + size * part)).join(" ");
  return `<polygon class="${kind}" points="${points}"/>`;
}

/** A circle for stimulus 1, a triangle for stimulus 2; hollow when the output is cut. */
export const marker = (x, y, type, hollow = false) =>
  mark(x, y, 2 * type, `fc-mark fc-stimulus-${type + 1}${hollow ? " fc-hollow" : ""}`);
