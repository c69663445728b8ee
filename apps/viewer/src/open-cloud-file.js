// SPDX-License-Identifier: Apache-2.0
// Files with a cloud: a message as the server sends it, PLY and PCD.

const LARGEST_FILE = 512 << 20;

export const CLOUD_FILES = [".msgpack", ".ply", ".pcd"];

export function isCloudFile({ name }) {
  return CLOUD_FILES.some((ending) => name.toLowerCase().endsWith(ending));
}

/** The cloud of a file, read in a worker. Throws an Error that begins with the file's name. */
export function openCloudFile(file) {
  if (file.size > LARGEST_FILE) {
    throw new Error(
      `${file.name}: ${Math.round(file.size / 2 ** 20)} MiB, more than the ${LARGEST_FILE >> 20} this page opens`,
    );
  }
  const worker = new Worker(new URL("file-worker.js", import.meta.url), { type: "module" });
  const answer = new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { cloud, error } }) => (cloud ? resolve(cloud) : reject(new Error(error)));
    worker.onerror = () => reject(new Error(`${file.name}: the browser has no memory for it`));
    worker.postMessage(file);
  });
  return answer.finally(() => worker.terminate());
}
