// All time steps of a leaky recurrent network on a batch of trials, forward and backward.
//
// With the state s_t = (r_t, x_t, 1) one matrix does everything a step needs, as in recurrence.py:
//   [[w_rec, w_in, b_in + b_rec], [w_out, 0, b_out]] s_t = (drive of r_{t+1}, outputs of r_t).
// Rows and columns are padded with zeros to multiples of 4, so that products have no remainders.
// Numbers are of double precision: plain JavaScript is no faster in single.
import { NONLINEARITIES } from "./rnn.js";

const padded = (count) => 4 * Math.ceil(count / 4);

// Columns of x [row, column] that are not 0 in every row: their indices into `list` and they, as rows,
// into `packed`; filled up to a multiple of 4 with zeros. Returns how many. Units that are silent at a
// step, about a third of a ReLU network, then cost nothing.
function pack(x, at, rows, columns, list, packed) {
  let count = 0;
  for (let column = 0; column < columns; column++) {
    const end = at + rows * columns;
    let k = at + column;
    while (k < end && x[k] === 0) k += columns;
    if (k >= end) continue;
    for (let row = 0, from = at + column; row < rows; row++, from += columns) packed[count * rows + row] = x[from];
    list[count++] = column;
  }
  for (; count % 4; list[count++] = 0) packed.fill(0, count * rows, (count + 1) * rows);
  return count;
}

/** out[row, j] = sum over the packed columns c of x[row, c] b[c, j], for j < width; eight sums at once are fastest. */
function multiply(out, outAt, packed, list, count, rows, b, stride, width = stride) {
  for (let i = 0; i < rows; i += 4) {
    for (let j = 0; j < width; j += 2) {
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0, t0 = 0, t1 = 0, t2 = 0, t3 = 0;
      for (let c = 0, p = i; c < count; c++, p += rows) {
        const q = list[c] * stride + j;
        const u = b[q], v = b[q + 1], w = packed[p], x = packed[p + 1], y = packed[p + 2], z = packed[p + 3];
        s0 += w * u; t0 += w * v; s1 += x * u; t1 += x * v;
        s2 += y * u; t2 += y * v; s3 += z * u; t3 += z * v;
      }
      let at = outAt + i * stride + j;
      out[at] = s0; out[at + 1] = t0; at += stride;
      out[at] = s1; out[at + 1] = t1; at += stride;
      out[at] = s2; out[at + 1] = t2; at += stride;
      out[at] = s3; out[at + 1] = t3;
    }
  }
}

/** out[i, j] += sum over rows of a[row, i] b[row, j], of packed columns. */
function accumulate(out, stride, a, aList, aCount, b, bList, bCount, rows) {
  for (let i = 0; i < aCount; i += 4) {
    for (let j = 0; j < bCount; j += 2) {
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0, t0 = 0, t1 = 0, t2 = 0, t3 = 0;
      const a0 = i * rows, a1 = a0 + rows, a2 = a1 + rows, a3 = a2 + rows, b0 = j * rows, b1 = b0 + rows;
      for (let row = 0; row < rows; row++) {
        const u = b[b0 + row], v = b[b1 + row], w = a[a0 + row], x = a[a1 + row], y = a[a2 + row], z = a[a3 + row];
        s0 += w * u; t0 += w * v; s1 += x * u; t1 += x * v;
        s2 += y * u; t2 += y * v; s3 += z * u; t3 += z * v;
      }
      const p = bList[j], q = bList[j + 1];
      let at = aList[i] * stride;
      out[at + p] += s0; out[at + q] += t0; at = aList[i + 1] * stride;
      out[at + p] += s1; out[at + q] += t1; at = aList[i + 2] * stride;
      out[at + p] += s2; out[at + q] += t2; at = aList[i + 3] * stride;
      out[at + p] += s3; out[at + q] += t3;
    }
  }
}

// The slope of a nonlinearity f times x, from the value of f.
const SLOPES = {
  relu: (x, f) => (f > 0 ? x : 0),
  tanh: (x, f) => x * (1 - f * f),
  softplus: (x, f) => -x * Math.expm1(-f),
};

/** Room for the states of a batch and the passes over them; `shape` is { inputs, units, outputs }. */
export class Recurrence {
  constructor(shape, { batch, window, alpha, nonlinearity }) {
    Object.assign(this, { shape, batch, window, alpha });
    [this.curve, this.slope] = [NONLINEARITIES[nonlinearity], SLOPES[nonlinearity]];
    this.rows = padded(batch);
    this.width = padded(shape.units + shape.inputs + 1);
    this.height = padded(shape.units + shape.outputs);
    const [step, change] = [this.rows * this.width, this.rows * this.height];
    const room = (columns) => [new Int32Array(columns), new Float64Array(columns * this.rows)];
    this.packs = [room(this.width), room(this.height)];
    this.back = new Float64Array(step);
    this.leak = new Float64Array(batch * shape.units);
    this.states = new Float64Array((window + 1) * step); // [time, row, (r, x, 1)]
    this.made = new Float64Array((window + 1) * change); // [time, row, (f(drive), outputs)] of the state
    this.targets = new Uint8Array(window * batch);
    for (let t = 0; t <= window; t++) {
      for (let row = 0; row < batch; row++) this.states[this.inputAt(t, row) + shape.inputs] = 1;
    }
  }

  /** Where the inputs of a step and row stand in `states`. */
  inputAt(step, row) {
    return (step * this.rows + row) * this.width + this.shape.units;
  }

  /** Run all steps with weights [from, to]; yields after each, so that the caller may do something else. */
  *forward(transposed, noise) {
    const { states, made, rows, width, height, packs: [[list, packed]] } = this;
    for (let t = 0; ; t++) {
      const count = pack(states, t * rows * width, rows, width, list, packed);
      multiply(made, t * rows * height, packed, list, count, rows, transposed, height);
      if (t === this.window) return;
      this.respond(t, noise);
      yield;
    }
  }

  /** From what drives the units at a step to their next state. */
  respond(t, noise) {
    const { states, made, rows, width, height, batch, alpha, shape: { units }, curve } = this;
    for (let row = 0, k = t * batch * units; row < batch; row++) {
      let f = (t * rows + row) * height, now = (t * rows + row) * width, next = now + rows * width;
      for (const end = f + units; f < end; f++, now++, next++, k++) {
        const rate = (made[f] = curve(noise ? made[f] + noise[k] : made[f]));
        states[next] = states[now] + alpha * (rate - states[now]);
      }
    }
  }

  /** Where the outputs after a step stand in `made`. */
  outputAt(step, row) {
    return ((step + 1) * this.rows + row) * this.height + this.shape.units;
  }

  /** Mean cross-entropy over all steps and trials, whose gradient takes the outputs' place. */
  loss() {
    const { made, targets, batch, window, shape: { outputs } } = this;
    let sum = 0;
    for (let t = 0, k = 0; t < window; t++) {
      for (let row = 0; row < batch; row++, k++) {
        const at = this.outputAt(t, row), right = made[at + targets[k]];
        let most = -Infinity, total = 0;
        for (let o = 0; o < outputs; o++) most = Math.max(most, made[at + o]);
        for (let o = 0; o < outputs; o++) total += made[at + o] = Math.exp(made[at + o] - most);
        sum += Math.log(total) + most - right;
        for (let o = 0; o < outputs; o++) made[at + o] /= total * window * batch;
        made[at + targets[k]] -= 1 / (window * batch);
      }
    }
    return sum / (window * batch);
  }

  /** Add to `into` the products of the states after a step, summed over trials. */
  addProducts(into, t) {
    const { states, rows, width, packs: [[list, packed]] } = this;
    const count = pack(states, t * rows * width, rows, width, list, packed);
    accumulate(into, width, packed, list, count, packed, list, count, rows);
  }

  /** Add the gradient of the loss to `gradient`, an array like the weights [to, from]; yields after each step. */
  *backward(weights, gradient) {
    const { states, made, rows, width, height, shape: { units, outputs } } = this;
    const [[list, packed], [changed, change]] = this.packs;
    this.leak.fill(0);
    for (let row = 0; row < this.batch; row++) {
      const last = this.outputAt(this.window - 1, row), first = this.outputAt(-1, row);
      made.fill(0, last - units, last); // nothing follows the last state
      made.fill(0, first, first + outputs); // nothing is read from the first
    }
    for (let t = this.window; ; t--) {
      const count = pack(states, t * rows * width, rows, width, list, packed);
      const changes = pack(made, t * rows * height, rows, height, changed, change);
      accumulate(gradient, width, change, changed, changes, packed, list, count, rows);
      if (t === 0) return;
      multiply(this.back, 0, change, changed, changes, rows, weights, width, padded(units));
      this.trace(t - 1);
      yield;
    }
  }

  /** From the gradient of the states after a step to that of what drove the units. */
  trace(t) {
    const { made, rows, width, height, batch, alpha, shape: { units }, slope, back, leak } = this;
    for (let row = 0, k = 0; row < batch; row++) {
      for (let unit = 0, f = (t * rows + row) * height; unit < units; unit++, f++, k++) {
        leak[k] = back[row * width + unit] + (1 - alpha) * leak[k];
        made[f] = slope(alpha * leak[k], made[f]);
      }
    }
  }
}

/** The weights [to, from] as [from, to]. */
export function transpose(weights, into, { width, height }) {
  for (let from = 0, k = 0; from < width; from++) {
    for (let to = 0; to < height; to++, k++) into[k] = weights[to * width + from];
  }
  return into;
}
