// Ink on a grid of 28 x 28 cells: strokes of a pen, and their text in the address.

export const SIDE = 28;
const REACH = 1.2; // cells from the pen's path that take ink
const BITS = 5; // cells to a letter

/** How far a point lies from the line between two others. */
function distanceTo([px, py], [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const along = length ? Math.max(0, Math.min(1, ((px - x0) * dx + (py - y0) * dy) / length)) : 0;
  return Math.hypot(px - x0 - along * dx, py - y0 - along * dy);
}

/** A copy of the ink after a stroke from one place [across, down] to another; 1 inks, 0 erases. */
export function stroke(ink, from, to, value) {
  return ink.map((was, cell) => {
    const center = [(cell % SIDE) + 0.5, Math.floor(cell / SIDE) + 0.5];
    return distanceTo(center, from, to) <= REACH ? value : was;
  });
}

/** Ink as letters and digits, without the blank end; "0" is an empty canvas. */
export function packInk(ink) {
  let text = "";
  for (let cell = 0; cell < ink.length; cell += BITS) {
    let number = 0;
    for (let bit = 0; bit < BITS; bit++) number = 2 * number + (ink[cell + bit] ?? 0);
    text += number.toString(2 ** BITS);
  }
  return text.replace(/0+$/, "") || "0";
}

/** The ink that a text stands for; null if it stands for none. */
export function unpackInk(text) {
  const letters = Math.ceil(SIDE ** 2 / BITS);
  if (!/^[0-9a-v]+$/.test(text ?? "") || text.length > letters) return null;
  const bits = [...text].map((letter) => parseInt(letter, 2 ** BITS).toString(2).padStart(BITS, "0")).join("");
  return Uint8Array.from({ length: SIDE ** 2 }, (_, cell) => Number(bits[cell] ?? 0));
}

/** An image's ink: cells that are at least half dark. */
export const inkOf = (image) => Uint8Array.from(image, (value) => (value >= 0.5 ? 1 : 0));
