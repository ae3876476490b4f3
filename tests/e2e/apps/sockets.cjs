// SPDX-License-Identifier: Apache-2.0
// Every way of Node to listen, each reported as one JSON line on stdout:
// {"what", "address"} or {"what", "error"}.
const cluster = require('cluster');
const dgram = require('dgram');
const http = require('http');

const [PORT_A, PORT_B, PORT_C, PORT_UDP] = process.env.PORTS.split(',').map(Number);
const say = (what, more) => console.log(JSON.stringify(
	{ what, pid: process.pid, worker: cluster.isWorker, ...more }));

const serve = (what, ...where) => {
	const server = http.createServer((req, res) =>
		res.end(`pid ${process.pid}\n${what}`));
	server.on('error', (e) => say(what, { error: e.code }));
	server.listen(...where, () => say(what, { address: server.address() }));
	return server;
};

serve('configured', PORT_A);
serve('second configured', PORT_B, '127.0.0.1');
serve('unnamed', PORT_C, '127.0.0.1');
serve('any port', 0);
serve('any port again', 0);
serve('path', process.env.SOCKET_PATH);
serve('twice', PORT_B, '127.0.0.1');
serve('no such address', { host: '192.0.2.1', port: PORT_C });
serve('exclusive', { port: +process.env.PORT_EXCLUSIVE, host: '127.0.0.1', exclusive: true });

const again = serve('first of two', +process.env.PORT_AGAIN, '127.0.0.1');
again.once('listening', () => again.close(() =>
	serve('listens again', +process.env.PORT_AGAIN, '127.0.0.1')));

const udp = dgram.createSocket('udp4');
udp.on('error', (e) => say('udp', { error: e.code }));
udp.on('message', (message, from) =>
	udp.send(`pid ${process.pid} ${message}`, from.port, from.address));
udp.bind(PORT_UDP, '127.0.0.1', () => say('udp', { address: udp.address() }));
