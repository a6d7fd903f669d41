// A network as one JSON object: what Python's exchange room and makeNetwork (rnn.js) read and write.
import { decodeFloats } from "./rnn.js";
import { SETUP_LIMITS, checkSetup, fault } from "./lab-setup.js";
import { LAB_TASKS } from "./lab-tasks.js";
import { eachArray, shapeOf } from "./lab-train.js";

const [FILE_FORMAT, FILE_VERSION, MOST_UNITS] = ["fcmod-network", 1, 1000];
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Base64 text of little-endian float32 numbers. */
export function encodeFloats(values) {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  const bytes = new Uint8Array(view.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return btoa(text);
}

/** A network file of weights trained by a setup for so many steps. */
export function packNetwork(weights, setup, step, name = "") {
  return {
    format: FILE_FORMAT,
    version: FILE_VERSION,
    made_by: "fcmod lab",
    name,
    task: setup.task,
    dt_ms: setup.dt_ms,
    alpha: setup.dt_ms / setup.tau_ms,
    nonlinearity: setup.nonlinearity,
    shape: shapeOf(setup),
    weights: Object.fromEntries(Object.entries(weights).map(([key, values]) => [key, encodeFloats(values)])),
    setup: { ...setup },
    step,
  };
}

/** The arrays of a network file. */
export const networkWeights = (file) => eachArray(file.shape, (name) => decodeFloats(file.weights[name]));

/** The network file, if it is one; else an Error that says what was wrong and what is allowed. */
export function unpackNetwork(file) {
  const fail = (what, allowed) => {
    throw new Error(`This network file cannot be used: ${what}; allowed: ${allowed}`);
  };
  const need = (name, value, limits) => {
    const allowed = fault(value, limits);
    if (allowed) fail(`${name} is ${JSON.stringify(value)?.slice(0, 60) ?? "missing"}`, allowed);
  };
  const { shape, task } = isRecord(file) ? file : {};
  need("format", file?.format, { allowed: [FILE_FORMAT] });
  need("version", file.version, { allowed: [FILE_VERSION] });
  for (const name of ["task", "nonlinearity"]) need(name, file[name], SETUP_LIMITS[name]);
  need("alpha", file.alpha, { min: 0.000001, max: 1 });
  need("dt_ms", file.dt_ms, { min: 0.001, max: 10000 });
  for (const end of ["inputs", "outputs"]) {
    need(`shape.${end}`, shape?.[end], { allowed: [LAB_TASKS[task][end].length] });
  }
  need("shape.units", shape.units, { min: 1, max: MOST_UNITS, whole: true });
  eachArray(shape, (name, rows, columns) => {
    let numbers = [];
    try {
      numbers = decodeFloats(file.weights[name]);
    } catch {
      fail(`weights.${name} cannot be read`, "float32 numbers in base64");
    }
    if (numbers.length !== rows * columns) fail(`weights.${name} holds ${numbers.length} numbers`, rows * columns);
    if (!numbers.every(Number.isFinite)) fail(`weights.${name} holds numbers that are not finite`, "finite numbers");
  });
  const setup = isRecord(file.setup) && checkSetup(file.setup).length === 0 ? file.setup : null;
  return { ...file, setup, name: typeof file.name === "string" ? file.name : "" };
}
