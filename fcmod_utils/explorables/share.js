// The state of a lab in the address: #lab-id--module-2--cut-100--coherence-12-8
// Only letters, digits and dashes, so that page scripts that look the hash up never stumble.

/** Percent between two places of the slider; a share in the address goes to the nearest place. */
export const CUT_STEP = 5;

/** The state in the address, or null if it is absent or names what the payload lacks. */
export function readHash(id, { task, module_names: names }) {
  const match = window.location.hash.match(/^#(.+)--module-(\d+)--cut-(\d+)--coherence-(\d+(?:-\d+)?)$/);
  if (!match || match[1] !== id) return null;
  const state = {
    module: Number(match[2]) - 1,
    share: (Math.round(Number(match[3]) / CUT_STEP) * CUT_STEP) / 100,
    coherence: Number(match[4].replace("-", ".")),
  };
  const known = names[state.module] !== undefined && state.share <= 1 && task.coherences.includes(state.coherence);
  return known ? state : null;
}

/** Put the state in the address without a jump or a step in the history. */
export function writeHash(id, { module, share, coherence }) {
  const cut = Math.round(100 * share);
  const hash = `#${id}--module-${module + 1}--cut-${cut}--coherence-${String(coherence).replace(".", "-")}`;
  try {
    window.history.replaceState(window.history.state, "", hash);
  } catch {
    // a sandboxed frame (a notebook's output) has no address of its own
  }
}
