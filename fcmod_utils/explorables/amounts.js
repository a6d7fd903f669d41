// Colors of what has no sign.
import { along, cssGradient } from "./colors.js";

// From nothing to much, for what has no sign.
const AMOUNTS = {
  light: [[247, 247, 247], [194, 165, 207], [118, 42, 131]],
  dark: [[32, 37, 45], [122, 62, 143], [231, 190, 240]],
};

/** Red, green, blue of an amount in [0, 1]. */
export const amountColor = (amount, theme) => along(AMOUNTS[theme], amount);

/** CSS gradient of the map, for its color bar. */
export const amountGradient = (theme) => cssGradient(AMOUNTS[theme]);
