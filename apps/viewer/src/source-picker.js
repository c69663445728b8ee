// SPDX-License-Identifier: Apache-2.0
// Camera button, camera list, file button and drop: whichever is used last is the source.

import { element } from "./element.js";
import { showMessage } from "./message-line.js";
import { CloudFiles, isCloudFile } from "./open-cloud-file.js";
import { cameraProblem, listCameras, openCamera, openFile } from "./sources.js";

export class SourcePicker {
  #handlers;
  #cloudFiles;
  #source = null;
  #attempt = 0;

  /**
   * handlers.onSource(source or null). onCloudFile(cloud), on a page that shows files with a cloud.
   * onCameraProblem(text): "" once a camera or a file opens.
   */
  constructor(handlers) {
    this.#handlers = handlers;
    this.#cloudFiles = handlers.onCloudFile && new CloudFiles();
    element("camera").addEventListener("click", () => this.#openCamera());
    element("device").addEventListener("change", ({ target }) => this.#openCamera(target.value));
    element("stop").addEventListener("click", () => this.stop());
    element("file").addEventListener("change", ({ target }) => {
      if (target.files.length) this.#openFile(target.files[0]);
      target.value = ""; // the same file can be chosen again
    });
    this.#acceptDrops();
  }

  #openCamera(deviceId) {
    return this.#open(
      () => openCamera(deviceId),
      (source) => this.#use(source),
      (error) => {
        this.#handlers.onCameraProblem(cameraProblem(error));
        return cameraProblem(error);
      },
    );
  }

  #openFile(file) {
    const problem = (error) => error.message;
    if (!isCloudFile(file))
      return this.#open(
        () => openFile(file),
        (source) => this.#use(source),
        problem,
      );
    return this.#open(
      () => {
        if (!this.#cloudFiles) throw new Error(`${file.name}: the page for one camera shows such files`);
        return this.#cloudFiles.open(file);
      },
      (cloud) => {
        this.#use(null);
        this.#handlers.onCloudFile(cloud);
      },
      problem,
    );
  }

  /** The newest choice wins, in whatever order cameras and files open. */
  async #open(opener, use, problem) {
    const attempt = ++this.#attempt;
    showMessage("");
    try {
      const opened = await opener();
      if (attempt !== this.#attempt) {
        opened.stop?.(); // a source
        opened.picture?.close(); // a cloud
        return;
      }
      this.#handlers.onCameraProblem("");
      use(opened);
    } catch (error) {
      if (attempt === this.#attempt) showMessage(problem(error));
    }
  }

  /** Ends what was chosen, and what still opens. */
  stop() {
    this.#attempt += 1;
    this.#use(null);
  }

  #use(source) {
    this.#source?.stop();
    this.#source = source;
    element("stop").hidden = !source;
    this.#handlers.onSource(source);
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
