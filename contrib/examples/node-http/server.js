// SPDX-License-Identifier: Apache-2.0
// server.js - knows nothing of clusterd: `node server.js` works as well.
const http = require('http');

const server = http.createServer((request, response) => {
	response.end(`hello from pid ${process.pid}\n`);
});

server.listen(3000, '127.0.0.1');
