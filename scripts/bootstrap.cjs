'use strict';
// `npm start` and `npm test` begin here, before anything is installed, on whatever Node the machine has.
// Plain old syntax on purpose: an old Node must be able to read this file to say that it is too old.
var wanted = '20.19';

/** @param {string} version */
function comparable(version) {
  var parts = version.split('.');
  return Number(parts[0]) * 1000 + Number(parts[1]);
}

if (comparable(process.versions.node) < comparable(wanted)) {
  console.error('kora: Node ' + process.versions.node + ' is too old; ' + wanted + ' or newer is needed.');
  console.error('      Get one at https://nodejs.org, then run the same command again.');
  process.exit(1);
}

import('./' + process.argv[2] + '.mjs')
  .then(function (command) {
    return command.main(process.argv.slice(3));
  })
  .then(
    function (code) {
      process.exitCode = code;
    },
    /** @param {any} error */
    function (error) {
      // A plain ending has said all there is, sometimes already line by line.
      if (!error.plain) console.error(error);
      else if (error.message) console.error(error.message);
      process.exitCode = 2;
    },
  );
