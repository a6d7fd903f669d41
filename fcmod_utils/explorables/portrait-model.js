// The phase portrait without its page: one network and its plane in, numbers out.
import { membersOf, orderByModule, spans } from "./modules.js";
import { decodeFloats, makeNetwork, stepper } from "./rnn.js";
import {
  flowInPlane, gridOf, imageDistances, outputDifference, recurrentPlane, recurrentPlaneWithout, targets, withoutUnits,
} from "./flow.js";

export const LONGEST = 200; // steps of a run
const REST = 1e-4; // a state that moves less than this in a step has come to rest
export const FAR = 8; // a run ends when it is this many half-widths from the middle of the grid

/** Units that a lesion takes out: { kind: "none" | "module" | "unit", index }. */
export function lesionedUnits(modules, { kind, index }) {
  if (kind === "unit") return [index];
  return kind === "module" ? membersOf(modules, index) : [];
}

/** Units ordered by module, silent ones last, and the blocks they form. */
function unitsInOrder(modules) {
  const order = orderByModule(modules);
  return { order, blocks: spans(order.map((unit) => modules[unit])) };
}

/** The grid's range, widened in quarters of it until it holds a path. */
export function widened({ low, high, count }, path) {
  const quarter = high.map((end, k) => (end - low[k]) / 4);
  const beyond = (end, k, sign) => Math.max(0, ...path.map((at) => Math.ceil((sign * (at[k] - end[k])) / quarter[k])));
  return {
    low: low.map((end, k) => end - quarter[k] * beyond(low, k, -1)),
    high: high.map((end, k) => end + quarter[k] * beyond(high, k, 1)),
    count,
  };
}

export function makePortrait(entry) {
  const network = { ...makeNetwork(entry), compare: entry.compare };
  const { units } = network;
  const numbers = decodeFloats(entry.plane.axes);
  const plane = {
    origin: Float64Array.from(decodeFloats(entry.plane.origin)),
    axes: [0, 1].map((k) => Float64Array.from(numbers.subarray(k * units, (k + 1) * units))),
  };
  const points = gridOf(entry.plane);
  const room = () => new Float64Array((points.length / 2) * units);
  const intactPlane = recurrentPlane(network, plane);
  const buffers = { intact: room(), lesioned: room(), one: room() };
  const without = (lesion) => withoutUnits(network, lesionedUnits(entry.modules, lesion));

  const project = (state) =>
    plane.axes.map((axis) => axis.reduce((sum, weight, unit) => sum + weight * (state[unit] - plane.origin[unit]), 0));
  const lift = ([a, b]) => plane.origin.map((value, unit) => value + a * plane.axes[0][unit] + b * plane.axes[1][unit]);
  const outputs = (state) =>
    Array.from({ length: network.outputs }, (_, o) =>
      state.reduce((sum, rate, unit) => sum + network.wOut[o * units + unit] * rate, network.bOut[o]));

  /** Flow of the intact and of the lesioned network, and how far apart they land [point]. */
  function field(inputs, lesion) {
    const intact = targets(network, intactPlane, inputs, points, buffers.intact);
    const found = { intact: flowInPlane(network, plane, points, intact), lesioned: null, distances: null };
    if (lesion.kind === "none") return found;
    const other = targets(network, recurrentPlane(without(lesion), plane), inputs, points, buffers.lesioned);
    found.lesioned = flowInPlane(network, plane, points, other);
    found.distances = imageDistances(network, intact, other);
    return found;
  }

  /** The two flows on another grid, for a wider view. */
  function flows(inputs, lesion, grid) {
    const at = gridOf(grid);
    const on = (recurrence) =>
      flowInPlane(network, plane, at, targets(network, recurrence, inputs, at, buffers.one));
    const lesioned = lesion.kind === "none" ? null : on(recurrentPlane(without(lesion), plane));
    return { points: at, intact: on(intactPlane), lesioned };
  }

  /** Lesion map [point] of one unit; expects that `field` has seen the same inputs last. */
  function row(inputs, unit) {
    const recurrence = recurrentPlaneWithout(network, plane, intactPlane, unit);
    return imageDistances(network, buffers.intact, targets(network, recurrence, inputs, points, buffers.one));
  }

  /** Let a state run; it stops at rest, far outside the plane, or after LONGEST steps. */
  function run(from, inputs, lesion, steps = LONGEST) {
    const step = stepper(without(lesion));
    const { low, high } = entry.plane;
    const outside = (at, k) => !(Math.abs(2 * at - low[k] - high[k]) < FAR * (high[k] - low[k])); // also if NaN
    const states = [Float64Array.from(from)];
    const path = [project(from)];
    let [moved, ended] = [0, "moves"];
    while (states.length <= steps && ended === "moves") {
      const before = states.at(-1);
      const now = before.slice();
      step(now, inputs);
      const at = project(now);
      if (at.some(outside)) {
        ended = "left";
        break;
      }
      states.push(now);
      path.push(at);
      moved = Math.sqrt(now.reduce((sum, rate, unit) => sum + (rate - before[unit]) ** 2, 0));
      if (moved < REST) ended = "rest";
    }
    return { states, path, moved, ended, steps: states.length - 1, outputs: outputs(states.at(-1)) };
  }

  const boundary = outputDifference(network, plane, ...entry.compare);
  const start = (from) => (from ? lift(from) : new Float64Array(units));
  return { network, points, boundary, units: unitsInOrder(entry.modules), field, flows, row, run, start };
}
