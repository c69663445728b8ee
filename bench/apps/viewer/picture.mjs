// SPDX-License-Identifier: Apache-2.0
// The README's picture of the viewer: Chromium on the real server with the built-in network, the cloud of a
// photo turned a little: picture.mjs OUT.jpg. Environment: as tests/apps/viewer/harness.mjs.

import { setTimeout as sleep } from "node:timers/promises";
import { PHOTO, dropFile, freePort, openPage, startBrowser, startServer, until } from "../tests/harness.mjs";

const server = await startServer(await freePort(), "--stride", "1");
const browser = await startBrowser();
const page = await openPage(browser, server.url, { viewport: { width: 1200, height: 700 } });
await dropFile(page, PHOTO, "image/jpeg");
await until(page, "the photo's cloud", ({ fps, points }) => fps === 0 && points > 1000);
await page.locator("#point-size").fill("2");
await page.mouse.move(400, 350);
await page.mouse.down();
await page.mouse.move(382, 358, { steps: 10 });
await page.mouse.up();
await page.mouse.wheel(0, 400);
await sleep(1000); // until it has been drawn
await page.screenshot({ path: process.argv[2], type: "jpeg", quality: 78 });
await browser.close();
await server.stop();
