// SPDX-License-Identifier: Apache-2.0
// api.js - says itself when it is ready (wait_ready), as under PM2.
const http = require('http');

const server = http.createServer((request, response) => {
	response.setHeader('Content-Type', 'application/json');
	response.end(JSON.stringify({ pid: process.pid }) + '\n');
});

// What an application does before it can answer: a pool, a cache.
function prepare(done) {
	setImmediate(done);
}

prepare(() => server.listen(8083, '127.0.0.1', () => {
	if (process.send)
		process.send('ready');
}));
