// SPDX-License-Identifier: Apache-2.0
// mailer.js - a job without a socket; ends what it does on SIGINT.
const period_ms = 10000;

const timer = setInterval(() => {
	console.log('nothing to send');
}, period_ms);

console.log(`mailer started, looking every ${period_ms} ms`);

process.once('SIGINT', () => {
	clearInterval(timer);
	console.log('mailer stops');
	process.disconnect?.();
});
