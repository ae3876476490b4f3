// SPDX-License-Identifier: Apache-2.0
// The same as an ES module, with an await before it listens.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

await sleep(5);
createServer((req, res) => res.end(`pid ${process.pid}\n`)).listen(
	+process.env.PORT);
