// SPDX-License-Identifier: Apache-2.0
// The page for one camera: its frames go to the server, their clouds come back. It also shows files.

import { Capture } from "./capture.js";
import { Connection } from "./connection.js";
import { Decoder } from "./decoder.js";
import { element } from "./element.js";
import { FrameSender } from "./frame-sender.js";
import { showMessage } from "./message-line.js";
import { startPage } from "./page.js";
import { openViewport } from "./picture-tools.js";
import { Settings } from "./settings.js";
import { SourcePicker } from "./source-picker.js";
import { showState } from "./state-line.js";
import { StatsPanel } from "./stats-panel.js";

startPage({ isRig: false }, run);

function run(guide) {
  let isFile = false; // what is shown

  const connection = new Connection({
    onState(now) {
      showState(now);
      guide.update({ connection: now.state });
      if (now.state !== "open") return;
      sender.reset();
      configure();
    },
    onMessage({ type, message, limits, frame_id: frameId }) {
      if (type === "configured" && limits) capture.limits = limits;
      if (type !== "error") return;
      showMessage(String(message));
      sender.refused(frameId);
    },
    onPacket: (packet) => decoder.decode(packet),
  });
  const sender = new FrameSender(connection);
  const capture = new Capture(sender, (note) => showMessage(note, "note"));
  const decoder = new Decoder(show, showMessage);
  const stats = new StatsPanel(() => sender.skipped + capture.skipped);
  const viewport = openViewport(guide, drawn);
  const settings = new Settings(viewport, configure, { encodings: ["depth", "q16", "f32"], density: 8 });

  new SourcePicker({ onSource, onCloudFile, onCameraProblem: (cameraProblem) => guide.update({ cameraProblem }) });
  connection.open();

  /** Frames are this page's own, so their colours need not come back. */
  function configure() {
    connection.sendJson({ type: "configure", ...settings.configure(), colors: "client" });
    guide.update({ isFiltered: settings.isFiltered });
    capture.again();
  }

  function onSource(source) {
    if (source && isFile) {
      isFile = settings.isFixed = false;
      viewport.frameNext();
    }
    guide.update({ hasSource: Boolean(source) });
    capture.use(source);
  }

  function onCloudFile(cloud) {
    isFile = settings.isFixed = true;
    viewport.frameNext();
    viewport.show(cloud);
  }

  function show(cloud) {
    const frame = sender.answered(cloud.frameId);
    if (cloud.picture || isFile) frame?.picture?.close();
    if (isFile) {
      cloud.picture?.close();
      return;
    }
    viewport.show({ ...cloud, picture: cloud.picture ?? frame?.picture, capturedAt: frame?.capturedAt });
  }

  function drawn(cloud) {
    const latency = cloud.capturedAt === undefined ? undefined : performance.now() - cloud.capturedAt;
    stats.drawn(cloud, latency);
  }
}
