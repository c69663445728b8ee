// SPDX-License-Identifier: Apache-2.0
// The message of an access unit, of docs/server.md.

const HEADER_BYTES = 16;
const MAGIC = 0x44435655; // "DCVU"
const KIND_ACCESS_UNIT = 1;
const FLAG_KEY = 1;

export function packAccessUnit({ data, isKey, time }) {
  if (!Number.isSafeInteger(time) || time < 0) {
    throw new TypeError("time must be a whole number of microseconds from 0 to 2^53 - 1");
  }
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  const message = new Uint8Array(HEADER_BYTES + bytes.byteLength);
  const header = new DataView(message.buffer);
  header.setUint32(0, MAGIC);
  header.setUint8(4, KIND_ACCESS_UNIT);
  header.setUint8(5, isKey ? FLAG_KEY : 0);
  header.setBigUint64(8, BigInt(time), true);
  message.set(bytes, HEADER_BYTES);
  return message;
}
