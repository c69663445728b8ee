// SPDX-License-Identifier: Apache-2.0

/** The element of this id; a page without it is a mistake of the page. */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}
