// SPDX-License-Identifier: Apache-2.0
// What to do when nothing is seen.

/**
 * {title, steps: texts} or null, for a situation
 *   webgl        "ok", "missing" or "lost"
 *   connection   "connecting", "open", "waiting" or "closed"
 *   cameraProblem  text, or ""
 *   hasSource    whether frames are being sent
 *   isLate       whether their first cloud is
 *   cloud        {count} of the cloud that is shown, or null
 *   isInView     whether one of its points is on the screen
 *   isFiltered   whether the confidence slider leaves points out
 *   isRig        the page for several cameras
 */
export function adviceFor(situation) {
  const { webgl, cloud, connection } = situation;
  if (webgl === "missing") return NO_WEBGL;
  if (webgl === "lost") return LOST_WEBGL;
  if (cloud?.count > 0) return situation.isInView ? null : OUT_OF_VIEW;
  if (connection === "waiting" || connection === "closed") return NOT_CONNECTED;
  if (cloud) return situation.isFiltered ? ALL_FILTERED : NO_DEPTH;
  if (situation.cameraProblem) return { title: situation.cameraProblem, steps: [WITHOUT_CAMERA] };
  if (situation.hasSource) return situation.isLate ? LATE : null;
  return situation.isRig ? NO_CAMERAS : BEGIN;
}

const WITHOUT_CAMERA = "A photo or a video works without a camera: press Open file, or drop one here.";

const NO_WEBGL = {
  title: "This browser cannot draw clouds: it has no WebGL 2.",
  steps: [
    "Turn on hardware acceleration in the browser's settings, then load this page again.",
    "Or open this page in another browser, or on another device.",
  ],
};

const LOST_WEBGL = {
  title: "The graphics driver stopped.",
  steps: ["It usually comes back by itself. If it does not, load this page again."],
};

const OUT_OF_VIEW = {
  title: "No point is in view.",
  steps: ["Press Reset view, or R."],
};

const NOT_CONNECTED = {
  title: "Not connected to the server.",
  steps: [
    "The line at the top says why. The page tries again by itself.",
    "See whether depthcloud-server runs, and open the address that it prints.",
    "A server with a token wants it in the address of this page: …/#token=TOKEN",
    "Files with a cloud (.ply, .pcd, .msgpack) open without a server: drop one here.",
  ],
};

const ALL_FILTERED = {
  title: "The confidence slider leaves no point.",
  steps: ["Move Confidence to the left."],
};

const NO_DEPTH = {
  title: "The cloud has no points.",
  steps: ["The network found no depth in this picture. Try another one, or more light."],
};

const LATE = {
  title: "Waiting for the first cloud …",
  steps: ["A large network takes seconds for a frame, and a busy server skips frames."],
};

const NO_CAMERAS = {
  title: "Waiting for cameras.",
  steps: ["This device can be one: press Join.", "Or open this page on another device."],
};

const BEGIN = {
  title: "Open the camera, or drop a photo or video here.",
  steps: ["Or a file with a cloud: .ply, .pcd, .msgpack.", "Press ? for the keys."],
};
