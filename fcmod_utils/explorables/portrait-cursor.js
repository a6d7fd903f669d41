// A cursor that the arrow keys move from grid point to grid point of the plane.

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };

/** Grid indices [i, j] nearest to a place, which may be of another grid; without one, the middle. */
function nearest({ low, high, count }, place) {
  const index = (at, k) => Math.round(((at - low[k]) / (high[k] - low[k])) * (count - 1));
  const middle = low.map((end, k) => (end + high[k]) / 2);
  return (place ?? middle).map((at, k) => Math.max(0, Math.min(count - 1, index(at, k))));
}

/** The grid point that a key leads to from a place (other keys: the one it is at): { at, point }. */
export function cursorAfter(grid, place, { key, shiftKey } = {}) {
  const far = shiftKey ? 5 : 1;
  const [i, j] = nearest(grid, place).map((index, k) =>
    Math.max(0, Math.min(grid.count - 1, index + far * (WAYS[key]?.[k] ?? 0))));
  const at = [i, j].map((index, k) => grid.low[k] + ((grid.high[k] - grid.low[k]) * index) / (grid.count - 1));
  return { at, point: j * grid.count + i };
}

/** An arrow key without Ctrl and the like: those are the browser's. */
export const isWay = ({ key, ctrlKey, metaKey, altKey }) => key in WAYS && !(ctrlKey || metaKey || altKey);
