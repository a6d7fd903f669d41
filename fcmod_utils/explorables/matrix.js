// A matrix whose rows are ordered by module, on a canvas: heat map, separators, color bars, cut marks.
import { MODULE_COLORS, divergingColor, fitCanvas, heat } from "./colors.js";
import { spans } from "./modules.js";

/** Color bars and separators along the rows, and along the columns if these are units, too. */
function colorBars(context, blocks, { wide, high, cell, bar, left, top, ink, names, square }) {
  context.font = "12px sans-serif";
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { module, start, end } of blocks) {
    const [from, length] = [start * cell, (end - start) * cell];
    context.fillStyle = MODULE_COLORS[module] ?? ink;
    context.fillRect(left - bar - 2, top + from, bar, length - 1);
    if (square) context.fillRect(left + from, top - bar - 2, length - 1, bar);
    context.fillStyle = ink;
    context.fillText(names[module], left - bar - 6, top + from + length / 2);
  }
  context.strokeStyle = ink;
  context.lineWidth = 1;
  context.globalAlpha = 0.55;
  for (const { start } of blocks.slice(1)) {
    const at = Math.round(start * cell) + 0.5;
    context.strokeRect(left, top + at, wide, 0);
    if (square) context.strokeRect(left + at, top, 0, high);
  }
  context.globalAlpha = 1;
}

/** A tick in the right margin for each cut unit, and a frame around the chosen module. */
function marks(context, { rows, block, wide, cell, left, top, ink }) {
  context.fillStyle = context.strokeStyle = ink;
  for (const row of rows) context.fillRect(left + wide + 4, top + (row + 0.2) * cell, 8, Math.max(1, cell * 0.6));
  if (!block) return;
  context.lineWidth = 2;
  const [from, length] = [block.start * cell, (block.end - block.start) * cell];
  context.strokeRect(left + from, top + from, length, length);
}

/**
 * Draw values [unit, column] of ordered units within -1 and 1, in a square if the columns are units
 * as well, else `height` high. `cutRows`: the rows of the units whose output is cut.
 */
export function drawMatrix(canvas, { values, labels, names, chosen, cutRows, width, height, ink, theme }) {
  const [left, top, margin, bar] = [28, 14, cutRows ? 14 : 2, 8];
  const columns = labels.length && values.length / labels.length;
  const square = columns === labels.length;
  const wide = width - left - margin;
  const high = height ? height - top - 2 : wide;
  const context = fitCanvas(canvas, width, high + top + 2);
  if (!labels.length) return;
  context.imageSmoothingEnabled = false;
  context.drawImage(heat(values, labels.length, columns, (value) => divergingColor(value, theme)), left, top, wide, high);
  const place = { wide, high, cell: high / labels.length, left, top, ink, square };
  const blocks = spans(labels);
  colorBars(context, blocks, { ...place, bar, names });
  marks(context, { ...place, rows: cutRows ?? [], block: blocks.find(({ module }) => module === chosen) });
}
