// SPDX-License-Identifier: Apache-2.0
// Listens at once, but is ready (wait_ready) only READY_AFTER_MS later; until
// then it answers 503, so that a request that comes too early is seen.
const http = require('http');

let ready = false;
http.createServer((req, res) => {
	if (!ready)
		res.statusCode = 503;
	res.end(`pid ${process.pid}\n`);
}).listen(+process.env.PORT, () => {
	setTimeout(() => {
		ready = true;
		if (process.env.NEVER_READY !== '1')
			process.send('ready');
	}, +process.env.READY_AFTER_MS || 50);
});
