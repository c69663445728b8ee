// SPDX-License-Identifier: Apache-2.0
// The link to the other page takes the token along.

import { element } from "./element.js";

export function linkOtherPage() {
  const follow = () => (element("other-page").hash = window.location.hash);
  window.addEventListener("hashchange", follow);
  follow();
}
