// SPDX-License-Identifier: Apache-2.0
// The cameras that the server itself opens: one of them can be the source.

import { element } from "./element.js";

export class ServerSources {
  #connection;
  #onWatch;
  #names = [];
  #wanted; // a name; null: none; undefined: nothing was chosen yet
  #watched = null;

  /** onWatch(name or null): what is shown comes from there from now on. */
  constructor(connection, onWatch) {
    this.#connection = connection;
    this.#onWatch = onWatch;
    element("server-source").addEventListener("change", ({ target }) => this.choose(target.value || null));
  }

  get watched() {
    return this.#watched;
  }

  /** The server's names, of its "configured" message. A page without a source of its own shows the first. */
  offer(names, hasOwn) {
    if (String(names) !== String(this.#names)) {
      this.#names = names;
      const none = new Option("Server's cameras …", "");
      element("server-source").replaceChildren(none, ...names.map((name) => new Option(name)));
      element("server-source").hidden = names.length === 0;
    }
    if (this.#wanted === undefined && names.length > 0 && !hasOwn) this.choose(names[0]);
    else if (this.#wanted && this.#watched === null) this.#watch(this.#wanted);
  }

  choose(name) {
    if (name === this.#wanted) return;
    this.#wanted = name;
    this.#watch(name);
  }

  /** A new connection knows nothing of the last one. */
  reset() {
    this.#watched = null;
  }

  #watch(name) {
    if (name === this.#watched) return;
    if (name !== null && !this.#names.includes(name)) return;
    this.#connection.sendJson({ type: "watch", source: name });
    this.#watched = name;
    element("server-source").value = name ?? "";
    this.#onWatch(name);
  }
}
