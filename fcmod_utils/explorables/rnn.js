// A leaky recurrent network, run one trial after another. Knows nothing of tasks or pages.
//
//   r(t+1) = (1 - alpha) r(t) + alpha f(w_in x(t) + b_in + w_rec r(t) + b_rec),  r(0) = 0
//   outputs(t) = w_out r(t) + b_out                                 (r after the step)
//
// Arrays are flat, last axis fastest: inputs [trial, step, input], hidden [trial, step, unit],
// outputs [trial, step, output], w_in [unit, input], w_rec [to, from], w_out [output, unit].
import { decodeBytes } from "./base64.js";

export const NONLINEARITIES = {
  relu: (x) => (x > 0 ? x : 0),
  tanh: (x) => Math.tanh(x),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
};

/** Little-endian float32 numbers from base64 text. */
export function decodeFloats(base64) {
  const bytes = decodeBytes(base64);
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** Decode a payload's weights and put w_rec in [from, to] order, which `run` walks along. */
export function makeNetwork({ shape, weights, alpha, nonlinearity }) {
  const { inputs, units, outputs } = shape;
  const [wIn, bIn, wRec, bRec, wOut, bOut] = ["w_in", "b_in", "w_rec", "b_rec", "w_out", "b_out"].map(
    (name) => Float64Array.from(decodeFloats(weights[name])),
  );
  const wRecFromTo = new Float64Array(units * units);
  for (let to = 0; to < units; to++) {
    for (let from = 0; from < units; from++) wRecFromTo[from * units + to] = wRec[to * units + from];
  }
  const bias = bIn.map((b, unit) => b + bRec[unit]);
  return { inputs, units, outputs, alpha, f: NONLINEARITIES[nonlinearity], wIn, wRecFromTo, bias, wOut, bOut };
}

/**
 * Add to `drive` what the units send each other. Units at 0 send nothing and cost nothing; the rest
 * go four at a time, which is about twice as fast. `active` is room for their indices.
 */
function addRecurrent(drive, state, w, active) {
  const units = state.length;
  let count = 0;
  for (let from = 0; from < units; from++) if (state[from] !== 0) active[count++] = from;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    const a = active[k], b = active[k + 1], c = active[k + 2], d = active[k + 3];
    const ra = state[a], rb = state[b], rc = state[c], rd = state[d];
    let wa = a * units, wb = b * units, wc = c * units, wd = d * units;
    for (let to = 0; to < units; to++) drive[to] += ra * w[wa + to] + rb * w[wb + to] + rc * w[wc + to] + rd * w[wd + to];
  }
  for (; k < count; k++) {
    const [rate, row] = [state[active[k]], active[k] * units];
    for (let to = 0; to < units; to++) drive[to] += rate * w[row + to];
  }
}

/** What reaches each unit from outside: w_in x + b_in + b_rec, into `drive`. */
export function addInputs(drive, { units, inputs: channels, wIn, bias }, x, at = 0) {
  for (let unit = 0; unit < units; unit++) {
    let sum = bias[unit];
    for (let c = 0; c < channels; c++) sum += wIn[unit * channels + c] * x[at + c];
    drive[unit] = sum;
  }
}

/** Returns step(state, x, at): one step in place, with the inputs x[at], x[at + 1], ... */
export function stepper(network) {
  const { units, alpha, f, wRecFromTo } = network;
  const drive = new Float64Array(units);
  const active = new Int32Array(units);
  return (state, x, at = 0) => {
    addInputs(drive, network, x, at);
    addRecurrent(drive, state, wRecFromTo, active);
    for (let unit = 0; unit < units; unit++) state[unit] += alpha * (f(drive[unit]) - state[unit]);
  };
}

/** Hidden activity [trial, step, unit] for inputs [trial, step, input]; every trial starts at 0. */
export function run(network, inputs, trials, steps) {
  const { units, inputs: channels } = network;
  const hidden = new Float32Array(trials * steps * units);
  const state = new Float64Array(units);
  const step = stepper(network);
  for (let trial = 0; trial < trials; trial++) {
    state.fill(0);
    for (let row = trial * steps; row < (trial + 1) * steps; row++) {
      step(state, inputs, row * channels);
      hidden.set(state, row * units);
    }
  }
  return hidden;
}

/** Outputs [row, output] of hidden [row, unit]; the read-out columns of the units in `cut` are 0. */
export function readOut(network, hidden, cut = []) {
  const { units, outputs, wOut, bOut } = network;
  const weights = wOut.slice();
  for (const unit of cut) for (let o = 0; o < outputs; o++) weights[o * units + unit] = 0;
  const rows = hidden.length / units;
  const out = new Float32Array(rows * outputs);
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < outputs; o++) {
      let sum = bOut[o];
      for (let unit = 0; unit < units; unit++) sum += weights[o * units + unit] * hidden[row * units + unit];
      out[row * outputs + o] = sum;
    }
  }
  return out;
}
