// SPDX-License-Identifier: Apache-2.0
// Where frames come from: a camera, a video file, a photo. A source has
//   picture size     width, height: of the frames that it gives
//   grab(capturedAt, limits, onNote)  the frame of this moment: {jpeg, picture, capturedAt}; limits: bytes and pixels
//                    that the server takes; a photo that had to be made smaller says so in `note`, and by onNote(text) before
//   draw(fit)        of a source that moves: the picture of this moment on a canvas of the size that
//                    fit(width, height) gives
//   track            of a source that moves: its MediaStreamTrack, for WebRTC
//   onFrame(f)       calls f for each new frame; a photo has one frame and calls it once
//   stop()

const LONGEST_SIDE = 640; // the networks see less than that
const JPEG_QUALITY = 0.8;
const PHOTO_QUALITY = 0.92;
const SMALLEST_SIDE = 64; // a photo is not shrunk below this
const LARGEST_PICTURE = 2048; // what colours a cloud: every GPU has textures of this size

/** Says why a camera does not open in words that help. */
export function cameraProblem(error) {
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "The camera was refused. Allow it in the browser's address bar, then press Camera again.";
    case "NotFoundError":
    case "OverconstrainedError":
      return "No camera was found.";
    case "NotReadableError":
    case "AbortError":
      return "The camera is in use by another program.";
    default:
      return `The camera does not open: ${error?.message ?? error}`;
  }
}

export async function openCamera(deviceId) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error("browsers give a page the camera only over HTTPS or from localhost");
  }
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: {
      width: { ideal: 1280 },
      frameRate: { ideal: 30 },
      ...(deviceId ? { deviceId: { exact: deviceId } } : { facingMode: "environment" }),
    },
  });
  const source = await VideoSource.play((video) => (video.srcObject = stream));
  source.deviceId = stream.getVideoTracks()[0].getSettings().deviceId;
  source.release = () => stream.getTracks().forEach((track) => track.stop());
  return source;
}

/** The cameras of this device; without names until the user has allowed one. */
export async function listCameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter(({ kind }) => kind === "videoinput");
}

/** A dropped or chosen file. */
export async function openFile(file) {
  if (file.type.startsWith("video/")) {
    const url = URL.createObjectURL(file);
    const source = await VideoSource.play((video) => (video.src = url)).catch(() => {
      URL.revokeObjectURL(url);
      throw new Error(`${file.name}: this browser does not play such a video`);
    });
    source.release = () => URL.revokeObjectURL(url);
    return source;
  }
  const picture = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name}: not a photo, video or cloud that this page reads`);
  });
  return new PhotoSource(file, picture);
}

class VideoSource {
  #video;
  #stopped = false;
  release = () => {};
  isStill = false;

  static async play(attach) {
    const video = document.createElement("video");
    video.muted = video.loop = video.playsInline = true;
    attach(video);
    await video.play();
    return new VideoSource(video);
  }

  constructor(video) {
    this.#video = video;
  }

  onFrame(callback) {
    const next = (now, { captureTime } = {}) => {
      if (this.#stopped) return;
      callback(captureTime ?? now);
      this.#video.requestVideoFrameCallback(next);
    };
    this.#video.requestVideoFrameCallback(next);
  }

  grab(capturedAt) {
    const { videoWidth, videoHeight } = this.#video;
    return encode(this.#video, videoWidth, videoHeight, capturedAt);
  }

  draw(fit) {
    const { videoWidth, videoHeight } = this.#video;
    const { width, height } = fitted(videoWidth, videoHeight, LONGEST_SIDE);
    return drawn(this.#video, fit(width, height));
  }

  /** The MediaStreamTrack of its pictures; undefined where the browser has none of a file. */
  get track() {
    const stream = this.#video.srcObject ?? this.#video.captureStream?.() ?? this.#video.mozCaptureStream?.();
    return stream?.getVideoTracks()[0];
  }

  stop() {
    this.#stopped = true;
    this.#video.pause();
    this.release();
  }
}

class PhotoSource {
  #file;
  #picture;
  #small = null; // {limits, made}: what goes out in its place
  isStill = true;

  constructor(file, picture) {
    this.#file = file;
    this.#picture = picture;
  }

  onFrame(callback) {
    callback(performance.now());
  }

  /** A JPEG that the server takes goes out as it is, for its EXIF focal length; anything else is encoded anew. */
  async grab(capturedAt, limits, onNote) {
    const { width, height } = this.#picture;
    if (this.#file.type !== "image/jpeg") return encode(this.#picture, width, height, capturedAt);
    const isTooLarge = this.#file.size > limits.bytes || width * height > limits.pixels;
    const [sent, picture] = await Promise.all([
      isTooLarge ? this.#shrunkOnce(limits, onNote) : { jpeg: await this.#file.arrayBuffer() },
      reduced(this.#picture, LARGEST_PICTURE),
    ]);
    return { ...sent, picture, capturedAt };
  }

  /** It takes seconds, so that each setting of a slider does not do it anew. */
  #shrunkOnce(limits, onNote) {
    if (this.#small?.limits !== limits) {
      onNote(`${this.#file.name} is more than the server takes. It is being made smaller …`);
      this.#small = { limits, made: this.#shrunk(limits) };
    }
    return this.#small.made;
  }

  async #shrunk({ bytes, pixels }) {
    const { name, size } = this.#file;
    const { width, height } = this.#picture;
    let longest = Math.floor(Math.max(width, height) * Math.min(1, Math.sqrt(pixels / (width * height))));
    for (;;) {
      const fit = fitted(width, height, longest);
      const blob = await drawn(this.#picture, fit).convertToBlob({ type: "image/jpeg", quality: PHOTO_QUALITY });
      if (blob.size <= bytes || longest <= SMALLEST_SIDE) {
        const [before, now] = [
          [width, height, size],
          [fit.width, fit.height, blob.size],
        ].map(([across, down, length]) => `${across} × ${down} pixels, ${(length / 1e6).toFixed(1)} MB`);
        return {
          jpeg: await blob.arrayBuffer(),
          note: `${name} (${before}) is more than the server takes. It was sent as ${now}, without its EXIF data.`,
        };
      }
      longest = Math.max(SMALLEST_SIDE, Math.floor(longest * Math.min(0.9, Math.sqrt(bytes / blob.size))));
    }
  }

  stop() {
    this.#picture.close();
  }
}

async function encode(image, width, height, capturedAt) {
  const size = fitted(width, height, LONGEST_SIDE);
  const canvas = drawn(image, size);
  const [blob, picture] = await Promise.all([
    canvas.convertToBlob({ type: "image/jpeg", quality: JPEG_QUALITY }),
    createImageBitmap(canvas),
  ]);
  return { jpeg: await blob.arrayBuffer(), picture, capturedAt };
}

function drawn(image, { width, height }) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d", { alpha: false }).drawImage(image, 0, 0, width, height);
  return canvas;
}

function reduced(picture, longest) {
  const { width: resizeWidth, height: resizeHeight } = fitted(picture.width, picture.height, longest);
  return createImageBitmap(picture, { resizeWidth, resizeHeight });
}

function fitted(width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
