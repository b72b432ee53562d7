// SPDX-License-Identifier: MIT
// Four workers besides node's own threads.
'use strict';
const { Worker } = require('worker_threads');
const workers = 4;
let online = 0;

for (let i = 0; i < workers; i++)
  new Worker('setInterval(() => {}, 1e6)', { eval: true }).on('online', () => {
    if (++online === workers)
      console.log('READY');
  });
process.stdin.on('data', () => {}).on('end', () => process.exit());
