export { type Client, type ClientOptions, createClient } from './client.ts';
export { Contact360Error } from './error.ts';
export { downloadExport, type Export, watchExport } from './exports.ts';
export { type ImportFileOptions, type ImportJob, importFile, watchImport } from './imports.ts';
export { eachPage, eachRow } from './pages.ts';
export { request } from './rest.ts';
export { renewedToken, type TokenStore, type Tokens } from './session.ts';
