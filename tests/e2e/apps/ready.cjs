// SPDX-License-Identifier: Apache-2.0
// Warms up for READY_AFTER_MS and only then listens; says `ready` by itself
// (wait_ready) another READY_AFTER_MS later, while it serves already.
const http = require('http');

const wait_ms = +process.env.READY_AFTER_MS || 50;
const server = http.createServer((req, res) => res.end(`pid ${process.pid}\n`));

setTimeout(() => server.listen(+process.env.PORT, () => {
	setTimeout(() => process.send('ready'), wait_ms);
}), wait_ms);
