// The digit lab's pictures: hidden units by module, answers, and partitions side by side, as SVG.
import { MODULE_COLORS, fitCanvas, heat } from "./colors.js";
import { SIDE } from "./digit-pad.js";
import { fixed, label, line, rectangle } from "./draw.js";
import { membersOf, spans } from "./modules.js";
import { percent, signed } from "./text.js";

const [LARGE, SMALL, ROOM] = [26, 14, 250]; // px for a hidden unit, and for all of them if they can
const [NAMES, NUMBERS, GAP] = [72, 58, 8]; // px beside the units, and between modules
const [LEVEL, TITLE] = [9, 20]; // px of a module's line in a partition, and of what stands over it
const SHADES = { light: [255, 31], dark: [29, 227] }; // of no ink and of full ink

const colorOf = (module) => MODULE_COLORS[module] ?? "var(--fc-ink)";

/** An image [row, column] of values from 0 to 1, `width` px wide. */
export function drawImage(canvas, image, width, theme) {
  const [none, full] = SHADES[theme];
  const context = fitCanvas(canvas, width, width);
  context.imageSmoothingEnabled = false;
  const shade = (value) => new Array(3).fill(none + value * (full - none));
  context.drawImage(heat(image, SIDE, SIDE, shade), 0, 0, width, width);
  return context;
}

/** Where the pen is: a ring, filled while it is down; a square for the eraser. */
export function drawPen(context, { at, down, erases }, width, theme) {
  const cell = width / SIDE;
  const [x, y, r] = [at[0] * cell, at[1] * cell, 1.3 * cell];
  context.strokeStyle = context.fillStyle = theme === "dark" ? "#f0a060" : "#b34700";
  context.lineWidth = 2;
  context.beginPath();
  if (erases) context.rect(x - r, y - r, 2 * r, 2 * r);
  else context.arc(x, y, r, 0, 2 * Math.PI);
  context.stroke();
  if (down) context.fillRect(x - 2.5, y - 2.5, 5, 5);
}

/** Modules of a partition with their units, silent ones last: [[module, units], ...]. */
function groups(labels) {
  const found = [...new Set(labels)].filter((module) => module >= 0).sort((a, b) => a - b);
  return [...found, -1].map((module) => [module, membersOf(labels, module)]).filter(([, units]) => units.length);
}

/** Size of a unit, columns of them, and the height that the tallest of all partitions needs. */
export function hiddenLayout(partitions, width) {
  for (let cell = LARGE; ; cell--) {
    const columns = Math.max(1, Math.floor((width - NAMES - NUMBERS) / cell));
    const high = (labels) =>
      groups(labels).reduce((sum, [, units]) => sum + Math.ceil(units.length / columns) * cell + GAP, 0);
    const height = Math.max(...partitions.map(high));
    if (height <= ROOM || cell === SMALL) return { cell, columns, height };
  }
}

/** Hidden units by module: a disc as large as the activity, a ring where the digit's average is. */
export function hiddenSvg({ look, full, layout, width }) {
  const { cell, columns } = layout;
  const radius = (value) => 0.47 * cell * Math.sqrt(Math.min(1, value / full));
  let top = 0;
  return groups(look.labels)
    .map(([module, units]) => {
      const rows = Math.ceil(units.length / columns);
      const middle = top + (rows * cell) / 2;
      const marks = units.map((unit, k) => {
        const [x, y] = [NAMES + ((k % columns) + 0.5) * cell, top + (Math.floor(k / columns) + 0.5) * cell];
        const place = `cx="${fixed(x)}" cy="${fixed(y)}"`;
        const now = radius(look.hidden[unit]);
        const disc = now < 1 ? "" : `<circle class="fc-unit" ${place} r="${fixed(now)}"/>`;
        const usual = `<circle class="fc-usual" ${place} r="${fixed(radius(look.means[unit]))}"/>`;
        return `<circle class="fc-off" ${place} r="1"/>${disc}${usual}`;
      });
      const bar = `<rect x="0" y="${top + 1}" width="6" height="${rows * cell - 2}"/>`;
      const name = module < 0 ? "silent" : `module ${module + 1}`;
      const tuned = module < 0 ? "" : `${signed(look.tuned[module], 1).replace(/^(?=[1-9]|0\.[1-9])/, "+")} SD`;
      top += rows * cell + GAP;
      return `<g style="fill: ${module < 0 ? "none" : colorOf(module)}">${bar}${marks.join("")}</g>
        ${label(12, middle + 4, name, { anchor: "start", kind: "fc-ink" })}
        ${label(width, middle + 4, tuned, { anchor: "end", kind: "fc-ink" })}`;
    })
    .join("");
}

/** A bar for each of the ten answers; the likeliest is dark. */
export function answersSvg({ look, width, height }) {
  const [left, top, bottom] = [46, 16, height - 20];
  const step = (width - left) / look.shares.length;
  const y = (share) => bottom - share * (bottom - top);
  const ticks = [0, 0.5, 1].map(
    (share) =>
      line(left, y(share), width, y(share), "fc-grid") + label(left - 6, y(share) + 4, percent(share), { anchor: "end" }),
  );
  const bars = [...look.shares].map((share, digit) => {
    const kind = digit === look.read ? "fc-ink" : "fc-muted";
    const x = left + digit * step;
    const bar = rectangle(kind, x + 0.15 * step, y(share), 0.7 * step, Math.max(0.5, bottom - y(share)));
    return bar + label(x + step / 2, bottom + 16, digit, { kind });
  });
  return ticks.join("") + bars.join("");
}

/** Units in the order of the first partition, then of the next ones, so that runs stay together. */
function orderBy(partitions) {
  const rank = (labels, unit) => (labels[unit] < 0 ? labels.length : labels[unit]);
  return partitions[0].map((_, unit) => unit).sort((a, b) => {
    for (const labels of partitions) if (labels[a] !== labels[b]) return rank(labels, a) - rank(labels, b);
    return a - b;
  });
}

export const partitionsHeight = (levels, count) => count * (TITLE + levels * LEVEL + 12);

/** Partitions over each other, a column for each unit and a line for each module. */
export function partitionsSvg({ rows, levels, width }) {
  const order = orderBy(rows.map(({ labels }) => labels));
  const step = width / order.length;
  const first = rows[0].labels;
  const cuts = order.flatMap((unit, k) => (k && first[unit] !== first[order[k - 1]] ? [k * step] : []));
  const high = partitionsHeight(levels, 1);
  return rows
    .map(({ title, labels }, row) => {
      const top = row * high + TITLE;
      const marks = spans(order.map((unit) => labels[unit])).map(({ module, start, end }) => {
        const place = `x="${fixed(start * step)}" y="${top + module * LEVEL}" width="${fixed((end - start) * step)}"`;
        return module < 0 ? "" : `<rect ${place} height="${LEVEL - 1}" style="fill: ${colorOf(module)}"/>`;
      });
      const edges = cuts.map((x) => line(x, top - 2, x, top + levels * LEVEL + 2, "fc-zero"));
      const ground = rectangle("fc-ground", 0, top, width, levels * LEVEL - 1);
      const name = label(0, top - 6, title, { anchor: "start", kind: row ? "fc-muted" : "fc-ink" });
      return name + ground + marks.join("") + edges.join("");
    })
    .join("");
}
