// A network as one JSON object: what Python's exchange room and makeNetwork (rnn.js) read and write.
import { decodeFloats } from "./rnn.js";
import { checkSetup } from "./lab-setup.js";
import { LAB_TASKS } from "./lab-tasks.js";
import { shapeOf } from "./lab-train.js";

const [FILE_FORMAT, FILE_VERSION] = ["fcmod-network", 1];
const CURVE_NAMES = ["relu", "tanh", "softplus"];
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Base64 text of little-endian float32 numbers. */
export function encodeFloats(values) {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  let text = "";
  for (let i = 0; i < view.byteLength; i++) text += String.fromCharCode(view.getUint8(i));
  return btoa(text);
}

/** How many numbers each array of weights holds. */
const sizesOf = ({ inputs, units, outputs }) => ({
  w_in: units * inputs,
  b_in: units,
  w_rec: units * units,
  b_rec: units,
  w_out: outputs * units,
  b_out: outputs,
});

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
export const networkWeights = (file) =>
  Object.fromEntries(Object.keys(sizesOf(file.shape)).map((key) => [key, decodeFloats(file.weights[key])]));

/** The network file, if it is one; else an Error that says what was wrong and what is allowed. */
export function unpackNetwork(file) {
  const fail = (what, allowed) => {
    throw new Error(`This network file cannot be used: ${what}; allowed: ${allowed}`);
  };
  const say = (value) => JSON.stringify(value)?.slice(0, 60) ?? "missing";
  if (!isRecord(file) || file.format !== FILE_FORMAT) fail(`format is ${say(file?.format)}`, FILE_FORMAT);
  if (file.version !== FILE_VERSION) fail(`version is ${say(file.version)}`, FILE_VERSION);
  if (!Object.hasOwn(LAB_TASKS, file.task)) fail(`task is ${say(file.task)}`, Object.keys(LAB_TASKS).join(", "));
  if (!CURVE_NAMES.includes(file.nonlinearity)) fail(`nonlinearity is ${say(file.nonlinearity)}`, CURVE_NAMES.join(", "));
  if (!(file.alpha > 0 && file.alpha <= 1)) fail(`alpha is ${say(file.alpha)}`, "above 0, up to 1");
  if (!(file.dt_ms > 0)) fail(`dt_ms is ${say(file.dt_ms)}`, "a number above 0");
  const { inputs, units, outputs } = isRecord(file.shape) ? file.shape : {};
  const task = LAB_TASKS[file.task];
  if (inputs !== task.inputs.length) fail(`shape.inputs is ${say(inputs)}`, `${task.inputs.length} for ${file.task}`);
  if (outputs !== task.outputs.length) fail(`shape.outputs is ${say(outputs)}`, `${task.outputs.length} for ${file.task}`);
  if (!Number.isInteger(units) || units < 1 || units > 1000) fail(`shape.units is ${say(units)}`, "a whole number from 1 to 1000");
  for (const [key, size] of Object.entries(sizesOf(file.shape))) {
    let numbers = [];
    try {
      numbers = decodeFloats(file.weights[key]);
    } catch {
      fail(`weights.${key} cannot be read`, "float32 numbers in base64");
    }
    if (numbers.length !== size) fail(`weights.${key} holds ${numbers.length} numbers`, size);
    if (!numbers.every(Number.isFinite)) fail(`weights.${key} holds numbers that are not finite`, "finite numbers");
  }
  const setup = isRecord(file.setup) && checkSetup(file.setup).length === 0 ? file.setup : null;
  return { ...file, setup, name: typeof file.name === "string" ? file.name : "" };
}
