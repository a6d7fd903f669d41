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

/** A circle for stimulus 1, a triangle for stimulus 2; hollow when the output is cut. */
export function marker(x, y, type, hollow = false) {
  const kind = `fc-mark fc-stimulus-${type + 1}${hollow ? " fc-hollow" : ""}`;
  if (type === 0) return `<circle class="${kind}" cx="${fixed(x)}" cy="${fixed(y)}" r="4"/>`;
  const points = [[x, y - 5], [x + 5, y + 4], [x - 5, y + 4]].map((p) => p.map(fixed).join(",")).join(" ");
  return `<polygon class="${kind}" points="${points}"/>`;
}
