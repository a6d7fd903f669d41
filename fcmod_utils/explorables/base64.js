// Bytes that came as text.

/** The bytes of a base64 text. */
export const decodeBytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
