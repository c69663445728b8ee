// SPDX-License-Identifier: Apache-2.0
// The page for one camera: its frames go to the server, their clouds come back. It also shows files.

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
import { ServerSources } from "./server-sources.js";
import { Settings } from "./settings.js";
import { SourcePicker } from "./source-picker.js";
import { showState } from "./state-line.js";
import { StatsPanel } from "./stats-panel.js";
import { VideoSender } from "./video-sender.js";

startPage({ isRig: false }, run);

function run(guide) {
  let isFile = false; // what is shown
  let hasSource = false; // of its own

  const connection = new Connection({
    onState(now) {
      showState(now);
      guide.update({ connection: now.state });
      video.reset();
      peer.reset();
      serverSources.reset();
      if (now.state !== "open") return;
      sender.reset();
      settings.hasConfidence = true; // until the server says otherwise
      configure();
    },
    onMessage(answer) {
      const { type, message, limits, sources, frame_id: frameId } = answer;
      if (type === "configured") takeSettings(answer);
      if (type === "configured" && limits) capture.limits = limits;
      if (type === "configured" && sources) serverSources.offer(sources, hasSource || isFile);
      if (type === "watching" && answer.state === "waiting") {
        showMessage(`The server's camera ${answer.source} gives no pictures; the server tries again.`, "note");
        if (!isFile && !hasSource) viewport.clear();
      } else if (type === "watching") {
        showMessage("");
      }
      video.receive(answer);
      peer.receive(answer);
      if (type !== "error") return;
      showMessage(String(message));
      sender.refused(frameId);
    },
    onPacket: (packet) => decoder.decode(packet),
  });
  const sender = new FrameSender(connection);
  const note = (text) => showMessage(text, "note");
  const video = new VideoSender(connection, sender, { keepsPictures: true, onNote: note });
  const peer = new PeerSender(connection, { onChange: configure, onPacket: (packet) => decoder.decode(packet), onNote: note });
  const capture = new Capture(sender, video, peer, note);
  const serverSources = new ServerSources(connection, onWatch);
  const decoder = new Decoder(show, showMessage);
  const stats = new StatsPanel(() => sender.skipped + capture.skipped, [connection, peer]);
  const viewport = openViewport(guide, drawn);
  const settings = new Settings(viewport, configure, { encodings: ["depth", "q16", "f32"], density: 8 });

  const picker = new SourcePicker({ onSource, onCloudFile, onCameraProblem: (cameraProblem) => guide.update({ cameraProblem }) });
  connection.open();

  /** The colours of this page's own frames need not come back, but for WebRTC, which does not say which frame it was. */
  function configure() {
    const colors = serverSources.watched === null && !peer.isOn ? "client" : "jpeg";
    connection.sendJson({ type: "configure", ...settings.configure(), colors });
    guide.update({ isFiltered: settings.isFiltered });
    capture.again();
  }

  function takeSettings(answer) {
    guide.update({ filters: filtersOf(answer) });
    settings.take(answer, note);
  }

  function onSource(source) {
    if (source) showsFrames();
    hasSource = Boolean(source);
    if (source) serverSources.choose(null);
    guide.update({ hasSource: hasSource || serverSources.watched !== null });
    capture.use(source);
  }

  /** No file with a cloud any more. */
  function showsFrames() {
    if (!isFile) return;
    isFile = settings.isFixed = false;
    guide.update({ isFile });
    viewport.frameNext();
  }

  function onWatch(name) {
    if (name !== null) {
      showsFrames();
      picker.stop();
    }
    guide.update({ hasSource: hasSource || name !== null });
    configure();
  }

  function onCloudFile(cloud) {
    serverSources.choose(null);
    isFile = settings.isFixed = true;
    guide.update({ isFile });
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
    if (latency !== undefined) video.latency(latency);
  }
}
