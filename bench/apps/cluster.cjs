// SPDX-License-Identifier: Apache-2.0
// The same app under Node's own cluster module; SCHED=none shares the socket.
const cluster = require('cluster');

cluster.schedulingPolicy = process.env.SCHED === 'none'
	? cluster.SCHED_NONE : cluster.SCHED_RR;
if (cluster.isPrimary) {
	for (let i = 0; i < 2; i++)
		cluster.fork();
} else {
	require('./app.cjs');
}
