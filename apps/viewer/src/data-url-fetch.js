// SPDX-License-Identifier: Apache-2.0
// Stands for `fetch` in the worker's bundle, where only a base64 data URL is ever fetched.

export async function fetch(url) {
  const base64 = url.slice(url.indexOf(",") + 1);
  return new Response(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
}
