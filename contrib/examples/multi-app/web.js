// SPDX-License-Identifier: Apache-2.0
// web.js - up when it listens.
const http = require('http');

http.createServer((request, response) => {
	response.end(`${process.env.GREETING} from web, pid ${process.pid}\n`);
}).listen(8082, '127.0.0.1');
