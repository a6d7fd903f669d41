// The lesion map as a heat map over the plane.
import { amountColor } from "./amounts.js";
import { fitCanvas, heat } from "./colors.js";
import { drawAxes } from "./portrait-plane.js";

/** The lesion map as a heat map over the plane. */
export function drawMap(canvas, { values, top, entry, scale, size, colors, theme }) {
  const context = fitCanvas(canvas, size.width, size.height);
  const { count } = entry.plane;
  const flipped = (i) => (count - 1 - Math.floor(i / count)) * count + (i % count); // component 2 grows upward
  const up = Array.from(values, (_, i) => values[flipped(i)]);
  const small = heat(up, count, count, (value) => amountColor(value / top, theme));
  const { box } = scale;
  context.imageSmoothingEnabled = false;
  context.drawImage(small, box.left, box.top, box.right - box.left, box.bottom - box.top);
  drawAxes(context, { ...entry.plane, share: null }, scale, colors); // the plane beside it names the shares
}
