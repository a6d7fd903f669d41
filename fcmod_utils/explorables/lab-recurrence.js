// All time steps of a leaky recurrent network on a batch of trials, forward and backward.
//
// With the state s_t = (r_t, x_t, 1) one matrix does everything a step needs, as in recurrence.py:
//   [[w_rec, w_in, b_in + b_rec], [w_out, 0, b_out]] s_t = (drive of r_{t+1}, outputs of r_t).
// Rows and columns are padded with zeros to multiples of 4, so that products have no remainders.
// Numbers are of double precision: plain JavaScript is no faster in single.

const padded = (count) => 4 * Math.ceil(count / 4);

/** out[i, j] = a[i, :] . b[j, :] for rows i < m and j < n of k numbers; eight sums at once are fastest. */
function multiply(out, outAt, stride, a, aAt, m, b, n, k) {
  for (let i = 0; i < m; i += 4) {
    for (let j = 0; j < n; j += 2) {
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0, t0 = 0, t1 = 0, t2 = 0, t3 = 0;
      const a0 = aAt + i * k, a1 = a0 + k, a2 = a1 + k, a3 = a2 + k, b0 = j * k, b1 = b0 + k;
      for (let c = 0; c < k; c++) {
        const u = b[b0 + c], v = b[b1 + c], w = a[a0 + c], x = a[a1 + c], y = a[a2 + c], z = a[a3 + c];
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

/** out[i, j] += sum over rows of a[row, i] b[row, j], for columns i < m and j < n. */
export function accumulate(out, a, aAt, m, b, bAt, n, rows) {
  for (let i = 0; i < m; i += 4) {
    for (let j = 0; j < n; j += 2) {
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0, t0 = 0, t1 = 0, t2 = 0, t3 = 0;
      for (let row = 0, p = aAt + i, q = bAt + j; row < rows; row++, p += m, q += n) {
        const u = b[q], v = b[q + 1], w = a[p], x = a[p + 1], y = a[p + 2], z = a[p + 3];
        s0 += w * u; t0 += w * v; s1 += x * u; t1 += x * v;
        s2 += y * u; t2 += y * v; s3 += z * u; t3 += z * v;
      }
      let at = i * n + j;
      out[at] += s0; out[at + 1] += t0; at += n;
      out[at] += s1; out[at + 1] += t1; at += n;
      out[at] += s2; out[at + 1] += t2; at += n;
      out[at] += s3; out[at + 1] += t3;
    }
  }
}

// f(x) in place for x[from] to x[to - 1]; and the slope of f times x, from the values of f
const CURVES = {
  relu: [
    (x, from, to) => { for (let i = from; i < to; i++) x[i] = x[i] > 0 ? x[i] : 0; },
    (x, f) => (f > 0 ? x : 0),
  ],
  tanh: [
    (x, from, to) => { for (let i = from; i < to; i++) x[i] = Math.tanh(x[i]); },
    (x, f) => x * (1 - f * f),
  ],
  softplus: [
    (x, from, to) => { for (let i = from; i < to; i++) x[i] = Math.max(x[i], 0) + Math.log1p(Math.exp(-Math.abs(x[i]))); },
    (x, f) => -x * Math.expm1(-f),
  ],
};

/** Room for the states of a batch and the passes over them; `shape` is { inputs, units, outputs }. */
export class Recurrence {
  constructor(shape, { batch, window, alpha, nonlinearity }) {
    Object.assign(this, { shape, batch, window, alpha });
    [this.curve, this.slope] = CURVES[nonlinearity];
    this.rows = padded(batch);
    this.width = padded(shape.units + shape.inputs + 1);
    this.height = padded(shape.units + shape.outputs);
    const [step, change] = [this.rows * this.width, this.rows * this.height];
    this.states = new Float64Array((window + 1) * step); // [time, row, (r, x, 1)]
    this.made = new Float64Array((window + 1) * change); // [time, row, (f(drive), outputs)] of the state
    this.targets = new Uint8Array(window * batch);
    for (let t = 0; t <= window; t++) for (let row = 0; row < batch; row++) this.states[this.inputAt(t, row) + shape.inputs] = 1;
  }

  /** Where the inputs of a step and row stand in `states`. */
  inputAt(step, row) {
    return (step * this.rows + row) * this.width + this.shape.units;
  }

  /** Run all steps; yields after each, so that the caller may do something else. */
  *forward(weights, noise) {
    const { states, made, rows, width, height, batch, window, alpha, shape: { units } } = this;
    for (let t = 0; ; t++) {
      const from = t * rows * width;
      multiply(made, t * rows * height, height, states, from, rows, weights, height, width);
      if (t === window) return;
      for (let row = 0; row < batch; row++) {
        const f = (t * rows + row) * height, now = from + row * width, next = now + rows * width;
        if (noise) for (let unit = 0, at = (t * batch + row) * units; unit < units; unit++) made[f + unit] += noise[at + unit];
        this.curve(made, f, f + units);
        for (let unit = 0; unit < units; unit++) states[next + unit] = states[now + unit] + alpha * (made[f + unit] - states[now + unit]);
      }
      yield;
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
        for (let o = 0; o < outputs; o++) made[at + o] = (made[at + o] / total - (o === targets[k] ? 1 : 0)) / (window * batch);
      }
    }
    return sum / (window * batch);
  }

  /** Add the gradient of the loss to `gradient`, an array like the weights; `transposed` are these. Yields. */
  *backward(transposed, gradient) {
    const { states, made, rows, width, height, batch, window, alpha, shape: { units, outputs }, slope } = this;
    const back = new Float64Array(rows * width), leak = new Float64Array(batch * units);
    for (let row = 0; row < batch; row++) {
      made.fill(0, (window * rows + row) * height, (window * rows + row) * height + units); // nothing follows the last state
      made.fill(0, row * height + units, row * height + units + outputs); // nothing is read from the first
    }
    for (let t = window; ; t--) {
      const at = t * rows * height;
      accumulate(gradient, made, at, height, states, t * rows * width, width, rows);
      if (t === 0) return;
      multiply(back, 0, width, made, at, rows, transposed, padded(units), height);
      for (let row = 0; row < batch; row++) {
        const before = at + (row - rows) * height;
        for (let unit = 0; unit < units; unit++) {
          const grad = back[row * width + unit] + (1 - alpha) * leak[row * units + unit];
          leak[row * units + unit] = grad;
          made[before + unit] = slope(alpha * grad, made[before + unit]);
        }
      }
      yield;
    }
  }
}

/** Columns of the weights as rows: [from, (to, output)]; only those of the units. */
export function transpose(weights, into, { width, height, shape: { units } }) {
  for (let from = 0; from < units; from++) for (let to = 0; to < height; to++) into[from * height + to] = weights[to * width + from];
  return into;
}
