// The phase portrait's state in the address: --network-1--inputs-100-50-50--cut-module-2--from-500-233
// Inputs are in hundredths, places in thousandths of the grid's range; modules count from 1, neurons from 0.

const THOUSAND = 1000;

/** A place in the plane, clipped to the grid and rounded as the address rounds it. */
export function toAddress({ low, high }, place) {
  return place.map((at, k) => Math.max(0, Math.min(THOUSAND, Math.round((THOUSAND * (at - low[k])) / (high[k] - low[k])))));
}

export function fromAddress({ low, high }, numbers) {
  return numbers.map((number, k) => low[k] + ((high[k] - low[k]) * Math.min(THOUSAND, number)) / THOUSAND);
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
    /^(\d+-\d+-\d+) (none|(?:module|neuron)-\d+) (zero|\d+-\d+)$/,
  );
  if (!entry || !match) return null;
  const [inputs, [kind, number = 0], from] = [match[1].split("-"), match[2].split("-"), match[3].split("-").map(Number)];
  const index = Number(number) - (kind === "module" ? 1 : 0);
  const known = { none: 1, module: entry.module_names.length, neuron: entry.modules.length };
  if (index < 0 || index >= known[kind]) return null;
  return {
    network: networks.indexOf(entry),
    inputs: inputs.map((text, k) => Math.min(entry.inputs[k].high, Number(text) / 100)),
    lesion: { kind, index },
    from: match[3] === "zero" ? null : fromAddress(entry.plane, from),
  };
}
