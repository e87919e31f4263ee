#!/usr/bin/env node
// The command line inside the repository, where it is TypeScript. What is published is built from the same source.
// A Node.js that runs no TypeScript hands over to the one that the repository's own commands bring.
if (Number.parseInt(process.versions.node, 10) >= 24) {
  await import('../src/main.ts');
} else {
  process.argv.splice(2, 0, 'contact360');
  await import('../../../server/bin/launch.mjs');
}
