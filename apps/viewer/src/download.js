// SPDX-License-Identifier: Apache-2.0

/** Saves a blob as a file of this moment's name. */
export function download(blob, ending) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = `cloud-${new Date().toISOString().replace(/[:.]/g, "-")}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after the click
}
