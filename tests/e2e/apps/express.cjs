// SPDX-License-Identifier: Apache-2.0
const express = require('express');

const app = express();
app.get('/', (req, res) => res.send(`pid ${process.pid}\n`));
app.listen(+process.env.PORT);
