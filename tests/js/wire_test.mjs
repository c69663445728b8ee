// SPDX-License-Identifier: Apache-2.0
// The package's readers in Node.

import { test } from "node:test";
import { decoderReady } from "depthcloud";
import { wireMessages } from "./messages.mjs";
import { wireCases } from "./wire_cases.mjs";

await decoderReady();
for (const [name, run] of wireCases(wireMessages())) test(name, run);
