// SPDX-License-Identifier: Apache-2.0

/** Throws unless value is a whole number from 0 to max. */
export function requireCount(name, value, max = Number.MAX_SAFE_INTEGER) {
  if (!Number.isSafeInteger(value) || value < 0 || value > max) {
    throw new Error(`${name} is ${value}, not a number from 0 to ${max}`);
  }
}

/** Throws unless value is a msgpack bin of exactly this many bytes. */
export function requireBytes(name, value, size) {
  if (!(value instanceof Uint8Array)) throw new Error(`${name} is missing or not binary`);
  if (value.length !== size) throw new Error(`${name} holds ${value.length} bytes, not ${size}`);
}
