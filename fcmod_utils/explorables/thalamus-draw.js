// The thalamus map's pictures as SVG: the areas where they lie, and r without each nucleus.
import { MODULE_COLORS } from "./colors.js";
import { fixed, label, line, mark, niceTicks, number } from "./draw.js";

const MARGIN = 14;
const NAME = [50, 14]; // px that a name needs
const ROOM = 26; // px in a mm from which on areas have room for names

/** Two views of the cortex, side by side and to scale: { height, spots: [{ area, x, y }], titles }. */
export function mapLayout(places, width) {
  const [front, down, right] = [0, 1, 2].map((axis) => places.map((place) => place[axis]));
  const span = (values) => Math.max(...values) - Math.min(...values);
  const scale = Math.min(36, (width - 4 * MARGIN) / (span(right) + span(front)));
  const top = 30;
  const second = 3 * MARGIN + span(right) * scale;
  const height = top + span(front) * scale + MARGIN;
  const at = (values, value) => (value - Math.min(...values)) * scale;
  const spots = places.flatMap(([f, d, r], area) => [
    { area, x: MARGIN + at(right, r), y: top + at(front, f) },
    { area, x: second + at(front, f), y: top + at(down, d) },
  ]);
  return { height, spots, scale, second, top };
}

/** The areas in both views, by module; the chosen one is ringed. */
export function mapSvg({ layout, areas, labels, chosen, width }) {
  const { spots, scale, second, height } = layout;
  const taken = [];
  const color = (area) => MODULE_COLORS[labels[area]] ?? "var(--fc-ink)";
  const dot = ({ area, x, y }) => `<g style="fill: ${color(area)}">${mark(x, y, labels[area], "fc-area", 5.5)}</g>`;
  const dots = spots.map(dot);
  const some = scale < ROOM ? spots.filter(({ area }) => area === chosen) : spots;
  const named = [...some].sort((a, b) => (b.area === chosen) - (a.area === chosen));
  const names = named.flatMap(({ area, x, y }) => {
    const covers = (spot) => spot.x > x + 2 && spot.x < x + NAME[0] && spot.y > y - 20 && spot.y < y + 3;
    if (taken.some(([u, v]) => Math.abs(u - x) < NAME[0] && Math.abs(v - y) < NAME[1])) return [];
    if (area !== chosen && (spots.some(covers) || x > width - NAME[0])) return [];
    taken.push([x, y]);
    const end = x > width - NAME[0] - 8;
    const kind = area === chosen ? "fc-ink" : "fc-muted";
    return label(x + (end ? -8 : 8), y - 6, areas[area], { anchor: end ? "end" : "start", kind });
  });
  const rings = spots
    .filter(({ area }) => area === chosen)
    .map(({ x, y }) => `<circle class="fc-ring" cx="${fixed(x)}" cy="${fixed(y)}" r="10"/>`);
  const bar = [second, height - MARGIN - 4];
  return [
    label(0, 12, "from above, front at the top", { anchor: "start" }),
    label(width, 12, "from the side", { anchor: "end" }),
    ...dots,
    ...rings,
    ...names,
    line(bar[0], bar[1], bar[0] + scale, bar[1], "fc-bar"),
    label(bar[0] + scale + 6, bar[1] + 4, "1 mm", { anchor: "start" }),
  ].join("");
}

/** Where r without each nucleus goes, weakest first. */
export function stripLayout({ r, nuclei, width, height }) {
  const [left, right, top, bottom] = [34, width - 8, 12, height - 26];
  const order = nuclei.map((_, k) => k).sort((a, b) => r.raw[a + 1] - r.raw[b + 1]);
  const all = [...r.raw, ...r.distance, 0];
  const [low, high] = [Math.min(...all), Math.max(...all, 0.1) * 1.12];
  const x = (rank) => left + ((rank + 0.5) / nuclei.length) * (right - left);
  const y = (value) => bottom - ((value - low) / (high - low)) * (bottom - top);
  return { left, right, top, bottom, order, low, high, x, y };
}

/** r without each nucleus: circles raw, squares with distance taken out; lines, with all. */
export function stripSvg({ layout, r, nuclei, state }) {
  const { left, right, top, bottom, order, low, high, x, y } = layout;
  const rank = order.indexOf(nuclei.indexOf(state.without));
  const ticks = niceTicks(low, high, 3).map(
    (tick) =>
      line(left, y(tick), right, y(tick), "fc-grid") +
      label(left - 6, y(tick) + 4, number(Number(tick.toFixed(2))), { anchor: "end" }),
  );
  const series = [["raw", 0, false], ["distance", 1, true]].map(([name, shape, out]) => {
    const now = out === state.distance ? "fc-now" : "fc-then";
    const dots = order.map((k, place) => {
      const [kind, size] = place === rank ? [`fc-r ${now} fc-picked`, 5] : [`fc-r ${now}`, 2.8];
      return mark(x(place), y(r[name][k + 1]), shape, kind, size);
    });
    return line(left, y(r[name][0]), right, y(r[name][0]), `fc-all ${now}`) + dots.join("");
  });
  const anchor = rank < order.length / 8 ? "start" : rank > (7 * order.length) / 8 ? "end" : "middle";
  const picked = rank < 0 ? "" : line(x(rank), top, x(rank), bottom, "fc-zero");
  const under =
    rank < 0
      ? label((left + right) / 2, bottom + 18, "one nucleus removed (click one)")
      : label(x(rank), bottom + 18, `without ${state.without}`, { anchor, kind: "fc-ink" });
  return ticks.join("") + picked + series.join("") + under;
}

/** The nearest of some spots to a place on the picture. */
export function nearest(spots, x, y) {
  const far = (spot) => (spot.x - x) ** 2 + (spot.y - y) ** 2;
  return spots.reduce((best, spot) => (far(spot) < far(best) ? spot : best));
}
