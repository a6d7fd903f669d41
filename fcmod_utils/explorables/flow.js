// One step of a recurrent network from every point of a plane in its state space.
//
// The states are origin + a axis1 + b axis2, so what recurrence adds is a plane, too: w_rec times
// three vectors stands for w_rec times every state, and a grid point costs units, not units².
import { addInputs } from "./rnn.js";

/** The network without its recurrent weights from and to the given units (biases and inputs stay). */
export function withoutUnits(network, lesioned) {
  const wRecFromTo = network.wRecFromTo.slice();
  for (const unit of lesioned) {
    for (let other = 0; other < network.units; other++) {
      wRecFromTo[unit * network.units + other] = wRecFromTo[other * network.units + unit] = 0;
    }
  }
  return { ...network, wRecFromTo };
}

/** w_rec [from, to] times a vector. */
function recurrent({ units, wRecFromTo }, vector) {
  const out = new Float64Array(units);
  for (let from = 0; from < units; from++) {
    for (let to = 0; to < units; to++) out[to] += vector[from] * wRecFromTo[from * units + to];
  }
  return out;
}

/** The recurrent plane [origin, axis1, axis2] of the network; of a lesioned one, from the intact one's. */
export function recurrentPlane(network, plane) {
  return [plane.origin, ...plane.axes].map((vector) => recurrent(network, vector));
}

/** The same with one unit taken out, without another product: its column goes, and its own row. */
export function recurrentPlaneWithout({ units, wRecFromTo }, plane, intact, unit) {
  return [plane.origin, ...plane.axes].map((vector, k) => {
    const out = intact[k].slice();
    for (let to = 0; to < units; to++) out[to] -= vector[unit] * wRecFromTo[unit * units + to];
    out[unit] = 0;
    return out;
  });
}

/** Grid coordinates [a, b] of the plane, `count` a side; a varies fastest. */
export function gridOf({ low, high, count }) {
  const along = (axis, i) => low[axis] + ((high[axis] - low[axis]) * i) / (count - 1);
  const points = new Float64Array(2 * count * count);
  for (let j = 0; j < count; j++) {
    for (let i = 0; i < count; i++) points.set([along(0, i), along(1, j)], 2 * (j * count + i));
  }
  return points;
}

/** f(drive) [point, unit] at grid points: where one step heads (with alpha 1, where it lands). */
export function targets(network, recurrence, inputs, points, into) {
  const { units, f } = network;
  const [atOrigin, along1, along2] = recurrence;
  const outside = new Float64Array(units);
  addInputs(outside, network, inputs);
  for (let unit = 0; unit < units; unit++) outside[unit] += atOrigin[unit];
  for (let point = 0, at = 0; point < points.length; point += 2) {
    const a = points[point], b = points[point + 1];
    for (let unit = 0; unit < units; unit++) into[at++] = f(outside[unit] + a * along1[unit] + b * along2[unit]);
  }
  return into;
}

/** Change [da, db] within the plane that one step makes at each grid point. */
export function flowInPlane({ units, alpha }, plane, points, heading) {
  const [axis1, axis2] = plane.axes;
  const flow = new Float64Array(points.length);
  for (let point = 0, at = 0; point < points.length; point += 2) {
    let a = 0, b = 0;
    for (let unit = 0; unit < units; unit++, at++) {
      const away = heading[at] - plane.origin[unit];
      a += away * axis1[unit];
      b += away * axis2[unit];
    }
    flow[point] = alpha * (a - points[point]);
    flow[point + 1] = alpha * (b - points[point + 1]);
  }
  return flow;
}

/** Euclidean distance, over all units, between two one-step images of each grid point. */
export function imageDistances({ units, alpha }, heading, other) {
  const distances = new Float64Array(heading.length / units);
  for (let point = 0, at = 0; point < distances.length; point++) {
    let sum = 0;
    for (let unit = 0; unit < units; unit++, at++) sum += (heading[at] - other[at]) ** 2;
    distances[point] = alpha * Math.sqrt(sum);
  }
  return distances;
}

/** [c, ca, cb]: one output less another is c + ca a + cb b over the plane; 0 on the boundary. */
export function outputDifference({ units, wOut, bOut }, plane, one, other) {
  const along = (vector) => {
    let sum = 0;
    for (let unit = 0; unit < units; unit++) sum += (wOut[one * units + unit] - wOut[other * units + unit]) * vector[unit];
    return sum;
  };
  return [along(plane.origin) + bOut[one] - bOut[other], ...plane.axes.map(along)];
}
