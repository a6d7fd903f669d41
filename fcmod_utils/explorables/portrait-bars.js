// A bar for each unit's lesion.
import { MODULE_COLORS, fitCanvas } from "./colors.js";

/** A bar a unit, by module: how far its lesion displaces the grid on average. */
export function drawBars(canvas, { means, units, chosen, size, colors }) {
  const context = fitCanvas(canvas, size.width, size.height);
  const [left, foot] = [2, size.height - 9];
  const slot = (size.width - 2 * left) / units.order.length;
  const top = Math.max(...means, 1e-9);
  for (const { module, start, end } of units.blocks) {
    context.fillStyle = module < 0 ? colors.axis : (MODULE_COLORS[module] ?? colors.ink);
    context.fillRect(left + start * slot, foot + 2, (end - start) * slot - 1, 6);
  }
  units.order.forEach((unit, place) => {
    const high = Math.max(1, ((foot - 12) * means[unit]) / top);
    const picked = chosen.includes(unit);
    context.fillStyle = picked ? colors.ink : colors.muted;
    context.globalAlpha = picked ? 1 : 0.55;
    context.fillRect(left + place * slot, foot - high, Math.max(1, slot - 0.7), high);
    context.globalAlpha = 1;
    if (!picked) return;
    const middle = left + (place + 0.5) * slot; // a mark above, not color alone
    context.beginPath();
    context.moveTo(middle - 4, foot - high - 8);
    context.lineTo(middle + 4, foot - high - 8);
    context.lineTo(middle, foot - high - 2);
    context.fill();
  });
}

/** The unit under a place of the bars. */
export function unitAt(units, px, width) {
  const place = Math.floor(((px - 2) / (width - 4)) * units.order.length);
  return units.order[Math.max(0, Math.min(units.order.length - 1, place))];
}
