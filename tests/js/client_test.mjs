// SPDX-License-Identifier: Apache-2.0
// The client in Node: against the real server, and against one that misbehaves.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { encode } from "@msgpack/msgpack";
import { Client, connect, openSocket, pointsOf, ServerError } from "depthcloud";
import { WebSocketServer } from "ws";
import { freePort, startServer } from "../tests/server.mjs";

const PHOTO = readFileSync(join(process.env.DEPTHCLOUD_PHOTOS, "coffee.jpg"));
const FLAGS = ["--model", "constant:2", "--process-res", "252"];
const GRID = [252, 168];

let server;

before(async () => {
  server = await startServer(await freePort(), ...FLAGS, "--token", "long-secret-token");
});

after(() => server?.stop());

const connected = (options) => connect(server.url, { token: "long-secret-token", ...options });

test("a photo becomes its cloud in every encoding", async () => {
  const client = await connected({ stride: 2 });
  for (const encoding of ["f32", "q16", "depth"]) {
    const answer = await client.configure({ encoding });
    assert.equal(answer.encoding, encoding);
    const cloud = await client.send(PHOTO, { captureTs: 7.25 });
    assert.deepEqual([cloud.encoding, cloud.captureTs, cloud.count], [encoding, 7.25, (GRID[0] * GRID[1]) / 4]);
    const { positions } = pointsOf(cloud);
    assert.ok(positions.every((value, i) => i % 3 < 2 || Math.abs(value + 2) < 0.01));
  }
  assert.equal((await client.send(new Uint8Array(PHOTO).buffer)).frameId, 4);
  client.close();
});

test("what the server refuses is its error, and the connection lives", async () => {
  const client = await connected({});
  await assert.rejects(client.send(Buffer.from("no photo")), { name: "ServerError", frameId: 1, stage: "decode" });
  await assert.rejects(client.configure({ stride: 0 }), /stride must be an integer from 1 to 64/);
  await assert.rejects(client.configure({ strid: 2 }), ServerError);
  await assert.rejects(connected({ encodng: "q16" }), /there is no option/);
  assert.ok((await client.send(PHOTO)).count > 0);
  client.close();
  await assert.rejects(client.send(PHOTO), /the connection was closed/);
  await assert.rejects(client.configure({}), /the connection was closed/);
});

test("what is no photo is refused before it is sent", async () => {
  const client = await connected({});
  for (const photo of ["photo.jpg", undefined, null, 5, [1, 2], {}, new Float32Array(4), new DataView(new ArrayBuffer(4))]) {
    await assert.rejects(client.send(photo), { name: "TypeError", message: /^photo must be a Uint8Array or an ArrayBuffer/ });
  }
  await assert.rejects(client.send(new Uint8Array(0)), /^TypeError: photo is empty$/);
  await assert.rejects(client.send(PHOTO, { captureTs: "now" }), /^TypeError: captureTs must be a number of seconds$/);
  assert.equal((await client.send(PHOTO)).frameId, 1);
  client.close();
});

test("a token that is missing, wrong or no token", async () => {
  await assert.rejects(connect(server.url), /does not connect: it wants a token, which is missing \(401\)$/);
  await assert.rejects(connect(server.url, { token: "another-token" }), /does not connect: the token is wrong \(401\)$/);
  await assert.rejects(connect(server.url, { token: "two words" }), /^TypeError: the token holds characters/);
  await assert.rejects(connect(`http://127.0.0.1:${await freePort()}`), /does not connect: .*ECONNREFUSED/);
});

test("arguments that are none are named", async () => {
  for (const timeout of ["soon", 0, -1, NaN, Infinity, 2 ** 31, null]) {
    await assert.rejects(connected({ timeout }), { name: "TypeError", message: /^timeout must be a number of milliseconds/ });
  }
  assert.throws(() => new Client(), { name: "TypeError", message: "a Client is made by connect()" });
});

test("https at a server without TLS is told", async () => {
  await assert.rejects(connect(server.url.replace("http:", "https:")), /does not connect: it does not speak TLS: try http:/);
});

test("the lines of README for a self-signed certificate", async (context) => {
  const port = await freePort();
  const words = ["--host", "127.0.0.1", "--port", String(port), ...FLAGS, "--tls-self-signed"];
  const tls = spawn(process.env.DEPTHCLOUD_SERVER, words, { stdio: ["ignore", "inherit", "inherit"] });
  const folder = mkdtempSync(join(tmpdir(), "depthcloud-tls-"));
  context.after(() => {
    tls.kill();
    rmSync(folder, { recursive: true });
  });
  const page = readFileSync(join(process.env.DEPTHCLOUD_JS, "README.md"), "utf8");
  const [take, use] = /```sh\n +(openssl s_client.*)\n +(NODE_EXTRA_CA_CERTS.*)\n/.exec(page).slice(1);
  const here = (line) => line.replaceAll("127.0.0.1:8000", `127.0.0.1:${port}`);
  const inFolder = (line) => promisify(execFile)("bash", ["-c", here(line)], { cwd: folder });
  for (let attempt = 0; attempt < 100 && !(await inFolder(take).catch(() => null)); attempt += 1) await sleep(100);
  await assert.rejects(connect(`https://127.0.0.1:${port}`), /self-signed certificate: NODE_EXTRA_CA_CERTS names/);
  const example = join(process.argv[1], "../../js-examples/photo_to_ply.mjs");
  const node = `${process.execPath} --preserve-symlinks --preserve-symlinks-main ${example}`;
  const photo = join(process.env.DEPTHCLOUD_PHOTOS, "coffee.jpg");
  const { stdout } = await inFolder(use.replace("node photo_to_ply.mjs", node).replace(" photo.jpg", ` ${photo}`));
  assert.match(stdout, /^\d+ points\n$/);
});

test("an address needs no scheme, and what is none is refused with an example", async () => {
  const { host } = new URL(server.url);
  for (const address of [host, host.replace("127.0.0.1", "localhost"), `ws://${host}`, new URL(server.url)]) {
    const client = await connect(address, { token: "long-secret-token" });
    assert.equal((await client.send(PHOTO)).frameId, 1, String(address));
    client.close();
  }
  for (const address of ["ftp://127.0.0.1", "no address", "", "http://", undefined, null, "127.0.0.1:99999"]) {
    const refused = { name: "TypeError", message: /^the address of a server is like http:\/\/127\.0\.0\.1:8000/ };
    await assert.rejects(connect(address), refused, String(address));
    assert.throws(() => openSocket(address), refused);
  }
});

test("a photo above the server's limit is refused before it is sent", async () => {
  const small = await startServer(await freePort(), ...FLAGS, "--max-binary-bytes", "20000");
  try {
    const client = await connect(small.url);
    const text = `RangeError: photo has ${PHOTO.length} bytes, and the server takes 20000 (max_binary_bytes)`;
    await assert.rejects(client.send(PHOTO), (error) => String(error) === text);
    await assert.rejects(client.send(PHOTO.subarray(0, 20000)), { name: "ServerError", frameId: 1 });
    client.close();
  } finally {
    await small.stop();
  }
});

test("a camera's photo is sent, not answered, and what is wrong with it reaches onError", async () => {
  const errors = [];
  const camera = await connected({ timeout: 5000, onError: (error) => errors.push(error) });
  const viewer = await connected({ stride: 4 });
  await viewer.register("viewer");
  await camera.register("camera");
  const clouds = viewer[Symbol.asyncIterator]();
  assert.equal(await camera.send(PHOTO), undefined);
  assert.equal((await clouds.next()).value.numViews, 1);
  assert.equal(await camera.send(Buffer.from("no photo")), undefined);
  for (let waited = 0; errors.length < 1 && waited < 10_000; waited += 10) await sleep(10);
  assert.deepEqual(errors.map(({ name, frameId }) => [name, frameId]), [["ServerError", 2]]);
  camera.close();
  await assert.rejects(camera.send(PHOTO), /the connection was closed/);
  viewer.close();
});

test("a role that there is not is refused here, and one that the server refuses is its error", async () => {
  const client = await connected({ encoding: "depth" });
  for (const role of ["kamera", undefined, null, 5]) {
    await assert.rejects(client.register(role), /^TypeError: role must be "camera" or "viewer", not /);
  }
  await assert.rejects(client.register("viewer"), { name: "ServerError" }); // a grid is of one camera
  assert.equal((await client.configure({ encoding: "q16" })).encoding, "q16"); // answers are not mixed up
  await client.register("viewer");
  client.close();
  await assert.rejects(connected({ onError: "print" }), /^TypeError: onError must be a function$/);
});

const F32 = (frameId) =>
  encode({
    type: "pointcloud",
    num_points: 1,
    points: new Uint8Array(12),
    colors: new Uint8Array(3),
    ...(frameId && { frame_id: frameId }),
  });

/** A client of a server of one's own, which answers the first message and gives onMessage all others. */
async function withServer(onMessage, options, use) {
  const port = await freePort();
  const own = new WebSocketServer({ host: "127.0.0.1", port, handleProtocols: () => "depthcloud.v1" });
  own.on("connection", (socket) => {
    socket.once("message", () => {
      socket.on("message", (data, isBinary) => onMessage(socket, data, isBinary));
      socket.send('{"type":"configured"}');
    });
  });
  try {
    const client = await connect(`ws://127.0.0.1:${port}`, options);
    await use(client, own);
    client.close();
  } finally {
    for (const socket of own.clients) socket.terminate();
    await new Promise((resolve) => own.close(resolve));
  }
}

test("a frame that a newer one replaced is told as skipped", async () => {
  let frames = 0;
  const answerSecond = (socket, data, isBinary) => {
    if (isBinary && ++frames === 2) socket.send(F32(2));
  };
  await withServer(answerSecond, {}, async (client) => {
    const [first, second] = await Promise.allSettled([client.send(PHOTO), client.send(PHOTO)]);
    assert.deepEqual([first.reason.name, first.reason.frameId], ["FrameSkipped", 1]);
    assert.equal(second.value.count, 1);
  });
});

test("no answer in time, garbage and an end are errors", async () => {
  await withServer(() => {}, { timeout: 50 }, async (client) => {
    await assert.rejects(client.send(PHOTO), /^Error: no answer to frame 1 within 50 ms$/);
    await assert.rejects(client.configure({}), /^Error: no answer to "configure" within 50 ms$/);
  });
  const garbage = (socket) => ["{", "[]", "null", new Uint8Array([0xc1])].forEach((message) => socket.send(message));
  await withServer(garbage, {}, (client) => assert.rejects(client.send(PHOTO), /^Error: not a msgpack message/));
  await withServer((socket) => socket.close(4000, "enough"), {}, async (client) => {
    await assert.rejects(client.send(PHOTO), /^Error: the connection ended with 4000: enough$/);
  });
});

test("an error that answers nothing is not lost", async () => {
  const errors = [];
  await withServer(() => {}, { onError: ({ message }) => errors.push(message) }, async (client, own) => {
    const [socket] = own.clients;
    socket.send('{"type":"error","message":"by itself"}');
    socket.send('{"type":"error","message":"of a frame long gone","frame_id":9}');
    socket.send(new Uint8Array([0xc1]));
    for (let waited = 0; errors.length < 3 && waited < 10_000; waited += 10) await sleep(10);
    assert.deepEqual(errors.slice(0, 2), ["by itself", "of a frame long gone"]);
    assert.match(errors[2], /^not a msgpack message/);
    const registered = client.register("viewer");
    socket.close(1009);
    await assert.rejects(registered, /^Error: the connection ended with 1009: a message was larger than the server takes$/);
  });
});

test("a ping is answered, and clouds can be iterated over until the end", async () => {
  const heard = [];
  await withServer((socket, data) => heard.push(JSON.parse(data)), {}, async (client, own) => {
    const registered = client.register("viewer");
    const [socket] = own.clients;
    socket.send('{"type":"ping"}');
    for (let waited = 0; heard.length < 3 && waited < 10_000; waited += 10) await sleep(10);
    assert.deepEqual(heard, [{ type: "register_role", role: "viewer" }, { type: "ping" }, { type: "pong" }]);
    socket.send('{"type":"pong"}');
    await registered;
    const clouds = client[Symbol.asyncIterator]();
    socket.send(F32(5));
    assert.equal((await clouds.next()).value.frameId, 5);
    const next = clouds.next();
    socket.send(F32(6));
    assert.equal((await next).value.frameId, 6);
    const last = clouds.next();
    socket.close();
    assert.deepEqual(await last, { value: undefined, done: true });
  });
});

test("the example makes a PLY file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "depthcloud-example-"));
  try {
    const out = join(folder, "photo.ply");
    const example = join(process.argv[1], "../../js-examples/photo_to_ply.mjs");
    const photo = join(process.env.DEPTHCLOUD_PHOTOS, "coffee.jpg");
    const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, example, server.url, photo, out], {
      env: { ...process.env, DEPTHCLOUD_TOKEN: "long-secret-token" },
    });
    assert.equal(stdout, `${GRID[0] * GRID[1]} points\n`);
    assert.match(readFileSync(out, "latin1"), /^ply\n.*\ncomment axes opengl\n/);
    const alone = promisify(execFile)(process.execPath, [...process.execArgv, example]);
    await assert.rejects(alone, { code: 2, stderr: "usage: node photo_to_ply.mjs http://HOST:PORT PHOTO OUT.ply\n" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
