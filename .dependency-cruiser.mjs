/** Files that run: what tests import does not bind the product. */
const tests = '[.]test[.]ts$';

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Imports point one way: openapi and sdk → plugins → server. */
export default {
  forbidden: [
    forbid(
      'no-circle',
      'Modules that need each other at run time cannot be loaded, or read, apart.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid(
      'server-knows-no-plugin',
      'The core works with any set of plugins and faces. Only its programs in bin/ load the product’s configuration.',
      { path: '^server/', pathNot: tests },
      { path: '^(plugins|openapi|sdk|test)/' },
    ),
    forbid(
      'server-loads-no-configuration',
      'The configuration is handed to the core.',
      { path: '^server/src/' },
      { path: '^contact360[.]' },
    ),
    forbid(
      'plugins-know-no-face',
      'A plugin is offered through faces; it does not know which.',
      { path: '^plugins/', pathNot: tests },
      { path: '^(openapi|sdk|test|contact360[.])' },
    ),
    forbid(
      'plugins-use-entries',
      'Plugins use the server and each other as a third party’s plugin would: by the name of the package.',
      { path: '^plugins/([^/]+)/', pathNot: tests },
      { path: '^(server|plugins)/', pathNot: '^(plugins/$1/|server/src/index[.]ts$|plugins/[^/]+/index[.]ts$)' },
    ),
    forbid(
      'plugins-use-names',
      'A relative path reaches past the package’s entry.',
      { path: '^plugins/([^/]+)/', pathNot: tests },
      { path: '^(server|plugins)/', pathNot: '^plugins/$1/', dependencyTypes: ['local'] },
    ),
    forbid(
      'openapi-uses-plugins-and-server',
      'The REST face is built on the procedures.',
      { path: '^openapi/', pathNot: tests },
      { path: '^(sdk|test)/' },
    ),
    forbid(
      'sdk-imports-types-alone',
      'The SDK runs in browsers and other people’s programs: of the product it may know types, nothing that runs.',
      // The starter of the command line inside the repository, which is not published.
      { path: '^sdk/', pathNot: [tests, '^sdk/cli/bin/'] },
      { path: '^(server|plugins|openapi|test|contact360[.])', dependencyTypesNot: ['type-only'] },
    ),
    forbid('no-missing-module', 'Node.js will not find it.', {}, { couldNotResolve: true }),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
