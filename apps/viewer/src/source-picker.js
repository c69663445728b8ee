// SPDX-License-Identifier: Apache-2.0
// Camera button, camera list, file button and drop: whichever is used last is the source.

import { element } from "./element.js";
import { showMessage } from "./message-line.js";
import { cameraProblem, listCameras, openCamera, openFile } from "./sources.js";

export class SourcePicker {
  #onSource;
  #source = null;
  #attempt = 0;

  /** onSource(source or null) */
  constructor(onSource) {
    this.#onSource = onSource;
    element("camera").addEventListener("click", () => this.#openCamera());
    element("device").addEventListener("change", ({ target }) => this.#openCamera(target.value));
    element("stop").addEventListener("click", () => this.#use(null));
    element("file").addEventListener("change", ({ target }) => {
      if (target.files.length) this.#openFile(target.files[0]);
      target.value = ""; // the same file can be chosen again
    });
    this.#acceptDrops();
  }

  #openCamera(deviceId) {
    return this.#open(() => openCamera(deviceId), cameraProblem);
  }

  #openFile(file) {
    return this.#open(() => openFile(file), (error) => error.message);
  }

  /** The newest choice wins, in whatever order cameras and files open. */
  async #open(opener, problem) {
    const attempt = ++this.#attempt;
    showMessage("");
    try {
      const source = await opener();
      if (attempt === this.#attempt) this.#use(source);
      else source.stop();
    } catch (error) {
      if (attempt === this.#attempt) showMessage(problem(error));
    }
  }

  #use(source) {
    this.#source?.stop();
    this.#source = source;
    element("stop").hidden = !source;
    element("hint").hidden = Boolean(source);
    this.#onSource(source);
    this.#offerDevices();
  }

  async #offerDevices() {
    const cameras = await listCameras();
    const select = element("device");
    select.replaceChildren(
      ...cameras.map(({ deviceId, label }, index) => new Option(label || `Camera ${index + 1}`, deviceId)),
    );
    select.hidden = cameras.length < 2 || !this.#source?.deviceId;
    if (this.#source?.deviceId) select.value = this.#source.deviceId;
  }

  #acceptDrops() {
    const mark = (on) => document.body.classList.toggle("drop-here", on);
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      mark(true);
    });
    document.addEventListener("dragleave", () => mark(false));
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      mark(false);
      const [file] = event.dataTransfer.files;
      if (file) this.#openFile(file);
    });
  }
}
