// SPDX-License-Identifier: Apache-2.0
// server.js - an ordinary server on a unix socket.
const http = require('http');

const server = http.createServer((request, response) => {
	response.end(`hello from pid ${process.pid} for ` +
		`${request.headers['x-forwarded-for']}\n`);
});

server.listen('/tmp/clusterd-example-api.sock');
