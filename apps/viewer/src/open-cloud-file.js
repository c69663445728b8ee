// SPDX-License-Identifier: Apache-2.0
// Files with a cloud: a message as the server sends it, PLY and PCD.

const LARGEST_FILE = 512 << 20;

export const CLOUD_FILES = [".msgpack", ".ply", ".pcd"];

export function isCloudFile({ name }) {
  return CLOUD_FILES.some((ending) => name.toLowerCase().endsWith(ending));
}

/** Reads such files in a worker that is loaded with the page: they open without the server. */
export class CloudFiles {
  #worker;
  #isLoaded = false;
  #waiting = new Map(); // by id: {name, resolve, reject}
  #asked = 0;

  constructor() {
    this.#start();
  }

  /** The cloud of a file. Throws, or rejects with, an Error that begins with the file's name. */
  open(file) {
    if (file.size > LARGEST_FILE) {
      throw new Error(
        `${file.name}: ${Math.round(file.size / 2 ** 20)} MiB, more than the ${LARGEST_FILE >> 20} this page opens`,
      );
    }
    if (!this.#worker) this.#start();
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { name: file.name, resolve, reject });
      this.#worker.postMessage({ id, file });
    });
  }

  #start() {
    this.#worker = new Worker(new URL("file-worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data: { id, cloud, error, isLoaded } }) => {
      if (isLoaded) {
        this.#isLoaded = true;
        return;
      }
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (cloud) resolve(cloud);
      else reject(new Error(error));
    };
    this.#worker.onerror = ({ message }) => this.#failed(message);
  }

  /** The next file has a worker of its own. */
  #failed(message) {
    const why = this.#isLoaded
      ? `the part of this page that reads files stopped (${message || "no reason is known"})`
      : "the part of this page that reads files did not load; the server is away, so open it again once it is back";
    this.#worker.terminate();
    this.#worker = null;
    this.#isLoaded = false;
    for (const { name, reject } of this.#waiting.values()) reject(new Error(`${name}: ${why}`));
    this.#waiting.clear();
  }
}
