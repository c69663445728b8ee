// SPDX-License-Identifier: Apache-2.0
// Messages of a data channel, put together again from their chunks: 12 bytes of header (number of the message, its
// bytes, offset of the part; little-endian), then the part.

const HEADER_BYTES = 12;
const LARGEST = 64 << 20;

/** Only the newest message matters: one of which a part comes later is given up. */
export class ChunkReader {
  #number = -1;
  #message = null; // null: the newest is complete
  #missing = 0;

  /** chunk: an ArrayBuffer. Returns the message (ArrayBuffer) that it completes, or undefined. */
  push(chunk) {
    if (chunk.byteLength <= HEADER_BYTES) return undefined;
    const header = new DataView(chunk);
    const [number, size, offset] = [0, 4, 8].map((at) => header.getUint32(at, true));
    const part = new Uint8Array(chunk, HEADER_BYTES);
    if (number < this.#number || size > LARGEST || offset + part.length > size) return undefined;
    if (number > this.#number) {
      this.#number = number;
      this.#message = new Uint8Array(size);
      this.#missing = size;
    }
    if (this.#message?.length !== size) return undefined;
    this.#message.set(part, offset);
    this.#missing -= part.length;
    if (this.#missing > 0) return undefined;
    const { buffer } = this.#message;
    this.#message = null;
    return buffer;
  }
}
