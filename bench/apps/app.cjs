// SPDX-License-Identifier: Apache-2.0
// The app that every Node subject runs: on PORT, or on the socket LISTEN_FD.
const http = require('http');

http.createServer((req, res) => res.end(`pid ${process.pid}\n`)).listen(
	process.env.LISTEN_FD ? { fd: +process.env.LISTEN_FD }
		: +process.env.PORT);
