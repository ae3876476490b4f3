// SPDX-License-Identifier: Apache-2.0
const fastify = require('fastify')();

fastify.get('/', async () => `pid ${process.pid}\n`);
fastify.listen({ port: +process.env.PORT, host: '127.0.0.1' });
