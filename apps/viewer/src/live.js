// SPDX-License-Identifier: Apache-2.0
// The page for one camera: its frames go to the server, their clouds come back.

import { Capture } from "./capture.js";
import { Connection } from "./connection.js";
import { Decoder } from "./decoder.js";
import { element } from "./element.js";
import { FrameSender } from "./frame-sender.js";
import { showMessage } from "./message-line.js";
import { offerPly } from "./save-ply.js";
import { Viewport } from "./scene/viewport.js";
import { Settings } from "./settings.js";
import { SourcePicker } from "./source-picker.js";
import { StatsPanel } from "./stats-panel.js";

const connection = new Connection({
  onState({ state, text }) {
    element("state").dataset.state = state;
    element("state").textContent = text;
    if (state !== "open") return;
    sender.reset();
    configure();
  },
  onMessage({ type, message, frame_id: frameId }) {
    if (type !== "error") return;
    showMessage(String(message));
    sender.refused(frameId);
  },
  onPacket: (packet) => decoder.decode(packet),
});
const sender = new FrameSender(connection);
const capture = new Capture(sender);
const decoder = new Decoder(show, showMessage);
const stats = new StatsPanel(() => sender.skipped + capture.skipped);
const viewport = new Viewport(element("view"), drawn);
const settings = new Settings(viewport, configure, { encodings: ["depth", "q16", "f32"], density: 8 });

new SourcePicker((source) => capture.use(source));
offerPly(viewport);
element("other-page").hash = window.location.hash; // the token goes along
connection.open();

/** Frames are this page's own, so their colours need not come back. */
function configure() {
  connection.sendJson({ type: "configure", ...settings.configure(), colors: "client" });
  capture.again();
}

function show(cloud) {
  const frame = sender.answered(cloud.frameId);
  if (cloud.picture) frame?.picture?.close();
  viewport.show({ ...cloud, picture: cloud.picture ?? frame?.picture, capturedAt: frame?.capturedAt });
  element("ply").disabled = cloud.count === 0;
}

function drawn(cloud) {
  const latency = cloud.capturedAt === undefined ? undefined : performance.now() - cloud.capturedAt;
  stats.drawn(cloud, latency);
}
