// SPDX-License-Identifier: Apache-2.0
// What cluster code of its own sees, and ends itself when asked.
const cluster = require('cluster');
const http = require('http');

http.createServer((req, res) => {
	if (req.url === '/about')
		return res.end(JSON.stringify({
			isWorker: cluster.isWorker,
			id: cluster.worker && cluster.worker.id,
			connected: process.connected,
			instance: process.env.NODE_APP_INSTANCE,
			leaked: Object.keys(process.env).filter((name) =>
				/^NODE_(CHANNEL|UNIQUE)/.test(name)),
		}));
	res.end(`pid ${process.pid}\n`, () => {
		if (req.url === '/disconnect')
			cluster.worker.disconnect();
		if (req.url === '/kill')
			cluster.worker.kill();
	});
}).listen(+process.env.PORT);
