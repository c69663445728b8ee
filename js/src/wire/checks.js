// SPDX-License-Identifier: Apache-2.0
// What a message must be; each throws an error that names the key.

/** What a value is, for messages. */
export function nameOf(value) {
  return value === null ? "null" : (value?.constructor?.name ?? typeof value);
}

/** A whole number in a range. */
export function requireCount(name, value, least = 0, most = Number.MAX_SAFE_INTEGER) {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new Error(`${name} is ${value}, not a whole number from ${least} to ${most}`);
  }
}

/** A msgpack bin of exactly this many bytes. */
export function requireBytes(name, value, size) {
  if (!(value instanceof Uint8Array)) throw new Error(`${name} is missing or not binary`);
  if (value.length !== size) throw new Error(`${name} holds ${value.length} bytes, not ${size}`);
}

/** An array of so many finite numbers. */
export function requireNumbers(name, values, size) {
  if (!Array.isArray(values) || values.length !== size || !values.every(Number.isFinite)) {
    throw new Error(`${name} must be ${size} finite numbers`);
  }
}
