// The phase portrait's state in the address: --network-1--inputs-100-50-50--cut-module-2--from-500-233
// Inputs are in hundredths; places are in thousandths of the grid's range, 10000 in its lower left corner,
// so that places around the grid need no sign; modules count from 1, units from 0.

const [ORIGIN, RANGE, MOST] = [10000, 1000, 20000];

/** A place in the plane as the address has it: whole numbers. */
export function toAddress({ low, high }, place) {
  const number = (at, k) => ORIGIN + Math.round((RANGE * (at - low[k])) / (high[k] - low[k]));
  return place.map((at, k) => Math.max(0, Math.min(MOST, number(at, k))));
}

export function fromAddress({ low, high }, numbers) {
  return numbers.map((number, k) => low[k] + ((high[k] - low[k]) * (Math.min(MOST, number) - ORIGIN)) / RANGE);
}

/** Fields of a state. */
export function encodeState({ networks }, { network, inputs, lesion: { kind, index }, from }) {
  return {
    network: network + 1,
    inputs: inputs.map((x) => Math.round(100 * x)).join("-"),
    cut: kind === "none" ? kind : `${kind}-${kind === "module" ? index + 1 : index}`,
    from: from ? toAddress(networks[network].plane, from).join("-") : "zero",
  };
}

/** The state of some fields, or null if they name what the payload lacks. */
export function decodeState({ networks }, fields) {
  const entry = networks[Number(fields.network) - 1];
  const match = `${fields.inputs} ${fields.cut} ${fields.from}`.match(
    /^(\d+-\d+-\d+) (none|(?:module|unit)-\d+) (zero|\d+-\d+)$/,
  );
  if (!entry || !match) return null;
  const [inputs, [kind, number = 0], from] = [match[1].split("-"), match[2].split("-"), match[3].split("-").map(Number)];
  const index = Number(number) - (kind === "module" ? 1 : 0);
  const known = { none: 1, module: entry.module_names.length, unit: entry.modules.length };
  if (index < 0 || index >= known[kind]) return null;
  return {
    network: networks.indexOf(entry),
    inputs: inputs.map((text, k) => Math.min(entry.inputs[k].high, Number(text) / 100)),
    lesion: { kind, index },
    from: match[3] === "zero" ? null : fromAddress(entry.plane, from),
  };
}
