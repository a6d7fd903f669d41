// The state of an explorable in the address: #lesion-lab--module-2--cut-100--coherence-12-8
// Only letters, digits and dashes, so that page scripts that look the hash up never stumble.

/** What the address says of the element `id`, as text by name; null if it says nothing. */
export function readHash(id) {
  const [name, ...fields] = window.location.hash.slice(1).split("--");
  if (name !== id || fields.length === 0) return null;
  return Object.fromEntries(fields.map((field) => field.split(/-(.*)/, 2)));
}

/** Put the fields in the address without a jump or a step in the history. */
export function writeHash(id, fields) {
  const hash = Object.entries(fields).map(([name, value]) => `--${name}-${value}`);
  try {
    window.history.replaceState(window.history.state, "", `#${id}${hash.join("")}`);
  } catch {
    // a sandboxed frame (a notebook's output) has no address of its own
  }
}
