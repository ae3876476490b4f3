// SPDX-License-Identifier: Apache-2.0
// An ordinary Node server: knows nothing of clusters, handles no signal.
const http = require('http');

http.createServer((req, res) => {
	if (req.url.startsWith('/slow/')) {
		setTimeout(() => res.end(`pid ${process.pid}\n`), +req.url.slice(6));
		return;
	}
	if (req.url.startsWith('/stream/')) {
		res.write(`pid ${process.pid}\n`);
		setTimeout(() => res.end('end\n'), +req.url.slice(8));
		return;
	}
	if (req.url === '/env') {
		res.end(JSON.stringify(process.env));
		return;
	}
	res.end(`pid ${process.pid}\n`);
}).listen(+process.env.PORT);
