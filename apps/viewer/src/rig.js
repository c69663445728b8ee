// SPDX-License-Identifier: Apache-2.0
// The page for several cameras: who they are and the cloud merged from them. It looks over one
// connection and, when asked, gives its own camera's frames over another.

import { filtersOf } from "./advice.js";
import { Capture } from "./capture.js";
import { Connection } from "./connection.js";
import { Decoder } from "./decoder.js";
import { element } from "./element.js";
import { FrameSender } from "./frame-sender.js";
import { showMessage } from "./message-line.js";
import { startPage } from "./page.js";
import { PeerSender } from "./peer-sender.js";
import { openViewport } from "./picture-tools.js";
import { extrinsicsOf } from "./pose.js";
import { Settings } from "./settings.js";
import { SourcePicker } from "./source-picker.js";
import { showState } from "./state-line.js";
import { StatsPanel } from "./stats-panel.js";
import { VideoSender } from "./video-sender.js";

const PHOTO_EVERY_MS = 100; // frames of one moment are merged, so a photo has to be of every moment

startPage({ isRig: true }, run);

function run(guide) {
  const viewer = new Connection({
    onState(now) {
      showState(now);
      guide.update({ connection: now.state });
      if (now.state !== "open") return;
      viewer.sendJson({ type: "register_role", role: "viewer" });
      settings.hasConfidence = true; // until the server says otherwise
      configure();
    },
    onMessage(message) {
      if (message.type === "camera_list") listCameras(message);
      else if (message.type === "configured") {
        guide.update({ filters: filtersOf(message) });
        settings.take(message, note);
      }
      else if (message.type === "error") showMessage(String(message.message));
    },
    onPacket: (packet) => decoder.decode(packet),
  });
  const decoder = new Decoder((cloud) => viewport.show(cloud), showMessage);
  const viewport = openViewport(guide, (cloud) => {
    stats.drawn(cloud);
    element("views").textContent = cloud.numViews ?? 1;
  });
  // A merged cloud has no grid.
  const settings = new Settings(viewport, configure, { encodings: ["q16", "f32"], density: 7 });

  const camera = new Connection({
    onState({ state, text }) {
      element("own-state").textContent = text;
      video.reset();
      peer.reset();
      if (state !== "open") return;
      camera.sendJson({ type: "register_role", role: "camera" });
      place();
      sender.reset();
      capture.again();
    },
    onMessage(answer) {
      const { type, message, limits } = answer;
      if (type === "configured" && limits) capture.limits = limits;
      video.receive(answer);
      peer.receive(answer);
      if (type === "error") showMessage(String(message));
    },
  });
  const sender = new FrameSender(camera, { answers: false });
  const note = (text) => showMessage(text, "note");
  const video = new VideoSender(camera, sender, { keepsPictures: false, onNote: note });
  const peer = new PeerSender(camera, { onChange() {}, onNote: note });
  const capture = new Capture(sender, video, peer, note);
  const stats = new StatsPanel(() => decoder.skipped, [viewer, camera]);
  setInterval(() => capture.again(), PHOTO_EVERY_MS);

  new SourcePicker({
    onSource(source) {
      guide.update({ hasSource: Boolean(source) });
      capture.use(source);
      if (source) camera.open();
      else camera.close();
    },
    onCameraProblem: (cameraProblem) => guide.update({ cameraProblem }),
  });
  for (const id of ["x", "y", "z", "turn"]) element(`pose-${id}`).addEventListener("change", place);
  viewer.open();

  function configure() {
    viewer.sendJson({ type: "configure", ...settings.configure() });
    guide.update({ isFiltered: settings.isFiltered });
  }

  function place() {
    const [x, y, z, turn] = ["x", "y", "z", "turn"].map((id) => Number(element(`pose-${id}`).value));
    camera.sendJson({ type: "configure", extrinsics: extrinsicsOf({ x, y, z, turn }) });
    capture.again();
  }
}

/** Ids are whatever other clients said: shown as text. */
function listCameras({ cameras }) {
  element("camera-count").textContent = cameras.length;
  element("cameras").replaceChildren(
    ...cameras.map(({ client_id: id, buffer_size: kept, state }) => {
      const item = document.createElement("li");
      const isAway = state !== undefined && state !== "running";
      item.textContent = isAway ? `${id}: ${state}` : `${id}: ${kept} frames kept`;
      return item;
    }),
  );
}
