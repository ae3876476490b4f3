// SPDX-License-Identifier: Apache-2.0
//
// drain.cjs - lets an unmodified Node HTTP server go without losing a request.
//
// clusterd starts Node workers with NODE_OPTIONS='--require ".../drain.cjs"'.
// It does nothing until the master says "disconnect". From then on, instead of
// dropping idle keep-alive connections at once (what http.Server#close does
// since Node 19: a request that is on its way already is lost) or keeping busy
// ones for ever (what every version does: a client that never pauses is never
// told to go away):
//
//   - every answer carries "Connection: close";
//   - idle connections are kept for CLUSTERD_DRAIN_LINGER_MS, so that a client
//     that is just sending gets its answer, and are closed then.
//
// A server without connections closes at once. HTTP/1 only: HTTP/2 sessions
// are left alone (closing them from here has crashed old versions), as are
// upgraded connections (WebSockets), whose end is the app's business.
'use strict';

const LINGER_MS = 1000;
const SWEEP_MS = 100; // once the linger is over

const linger = takeLinger();
let draining = false;

takeOurselvesOut();

// Workers have a channel; their own children and threads do not.
if (process.channel && require('cluster').isWorker)
  process.prependListener('internalMessage', onInternalMessage);

function onInternalMessage(message) {
  if (draining || !message || message.cmd !== 'NODE_CLUSTER' ||
      message.act !== 'disconnect')
    return;
  draining = true;
  drain();
}

// ---- environment ----------------------------------------------------------

function takeLinger() {
  const text = process.env.CLUSTERD_DRAIN_LINGER_MS;
  delete process.env.CLUSTERD_DRAIN_LINGER_MS;
  return /^\d{1,9}$/.test(text) ? Number(text) : LINGER_MS;
}

// The app's own children must not load this file: take "--require FILE" out of
// NODE_OPTIONS again and leave the rest as the user wrote it.
function takeOurselvesOut() {
  const options = process.env.NODE_OPTIONS;
  if (!options)
    return;
  // Node's own rules: words end at spaces; "..." keeps spaces, \ escapes in it.
  const words = options.match(/(?:"(?:\\.|[^"\\])*"|[^ "])+/g) || [];
  const kept = [];
  for (let i = 0; i < words.length; i++) {
    const joined = /^(?:--require|-r)=(.*)$/s.exec(words[i]);
    if (joined && isUs(joined[1]))
      continue;
    if (/^(?:--require|-r)$/.test(words[i]) && isUs(words[i + 1])) {
      i++;
      continue;
    }
    kept.push(words[i]);
  }
  if (kept.length > 0)
    process.env.NODE_OPTIONS = kept.join(' ');
  else
    delete process.env.NODE_OPTIONS;
}

function isUs(word) {
  if (word === undefined)
    return false;
  const file = word.replace(/"((?:\\.|[^"\\])*)"/g,
    (_, inner) => inner.replace(/\\(.)/g, '$1'));
  if (file === __filename)
    return true;
  try {
    return require('fs').realpathSync(file) === __filename;
  } catch (e) {
    return false;
  }
}

// ---- drain ----------------------------------------------------------------

function drain() {
  const http = require('http');
  const kinds = [http.Server, require('https').Server];

  for (const kind of kinds)
    endConnectionsWithAnswers(kind.prototype);
  for (const response of answersUnderWay(kinds))
    response.shouldKeepAlive = false;
  lingerBeforeClosing(kinds);
}

// Every request from now on is the last of its connection. Not by a header:
// the app may write its own, and this is what Node makes the header from.
function endConnectionsWithAnswers(prototype) {
  const emit = prototype.emit;
  prototype.emit = function(event, request, response) {
    if (response && (event === 'request' || event === 'checkContinue' ||
                     event === 'checkExpectation'))
      response.shouldKeepAlive = false;
    return emit.apply(this, arguments);
  };
}

// The open connections of our HTTP/1 servers. There is no public way to ask;
// where this one is gone, answers that are under way keep their connection
// open and it is closed when it is idle, which the sweep below does.
function connections(kinds) {
  if (typeof process._getActiveHandles !== 'function')
    return [];
  return process._getActiveHandles().filter((socket) =>
    socket && kinds.some((kind) => socket.server instanceof kind));
}

function answersUnderWay(kinds) {
  return connections(kinds).map((socket) => socket._httpMessage)
    .filter((response) => response && !response.headersSent);
}

function lingerBeforeClosing(kinds) {
  const closing = new Set();
  const sweeps = [];
  let over = false;

  for (const kind of kinds) {
    const prototype = kind.prototype;
    const close = prototype.close;
    const closeIdle = prototype.closeIdleConnections;

    prototype.close = function() {
      closing.add(this);
      return close.apply(this, arguments);
    };
    if (!closeIdle)
      continue;
    prototype.closeIdleConnections = function() {
      if (over || !closing.has(this))
        return closeIdle.apply(this, arguments);
    };
    sweeps.push((server) => {
      if (server instanceof kind)
        closeIdle.call(server);
    });
  }

  const sweep = () => {
    over = true;
    if (sweeps.length === 0)
      destroyIdle(kinds, closing);
    for (const server of closing)
      sweeps.forEach((closeIdle) => closeIdle(server));
  };
  // Neither timer keeps alive a process that has nothing else to do.
  setTimeout(() => {
    sweep();
    setInterval(sweep, SWEEP_MS).unref();
  }, linger).unref();
}

// Before Node 18.2 no server can close its idle connections by itself.
function destroyIdle(kinds, closing) {
  for (const socket of connections(kinds)) {
    if (closing.has(socket.server) && !socket._httpMessage &&
        socket.parser && socket.parser.incoming === null)
      socket.destroy();
  }
}
