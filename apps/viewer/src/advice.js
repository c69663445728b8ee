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
 *   isFile       whether that is of a file
 *   isFiltered   whether the confidence slider leaves points out
 *   filters      texts: what else leaves points out at the server, with its values
 *   isRig        the page for several cameras
 */
export function adviceFor(situation) {
  const { webgl, cloud, connection } = situation;
  if (webgl === "missing") return NO_WEBGL;
  if (webgl === "lost") return LOST_WEBGL;
  if (cloud?.count > 0) return situation.isInView ? null : OUT_OF_VIEW;
  if (connection === "waiting" || connection === "closed") return NOT_CONNECTED;
  if (cloud) return emptyCloud(situation);
  if (situation.cameraProblem) return { title: situation.cameraProblem, steps: [WITHOUT_CAMERA] };
  if (situation.hasSource) return situation.isLate ? LATE : null;
  return situation.isRig ? NO_CAMERAS : BEGIN;
}

/** The server answers a picture without depth by an error: here there was depth, and something left it all out. */
function emptyCloud({ isFile, isFiltered, filters }) {
  if (isFile) return EMPTY_FILE;
  if (filters.length === 0) return isFiltered ? ALL_FILTERED : NO_POINTS;
  return {
    title: "Filters leave no point.",
    steps: [
      `The server filters by ${filters.join(", ")}: options of depthcloud-server, or of whoever configures it.`,
      ...(isFiltered ? ALL_FILTERED.steps : []),
    ],
  };
}

/** The filters of the server's "configured" message that are in force, but for the page's own slider. */
export function filtersOf(configured) {
  const { min_confidence: sure, min_depth: near, max_depth: far, edge_threshold: edge } = configured;
  return [
    sure > 0 && `min_confidence ${sure}`,
    near > 0 && `min_depth ${near}`,
    Number.isFinite(far) && `max_depth ${far}`,
    edge > 0 && `edge_threshold ${edge}`,
  ].filter(Boolean);
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

const NO_POINTS = {
  title: "The cloud has no points.",
  steps: ["Pixels with depth are transparent, or lie between those that Density takes: move it to the right."],
};

const EMPTY_FILE = {
  title: "The file has no points.",
  steps: ["It says so itself: whatever wrote it had left none."],
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
