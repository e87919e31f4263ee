export { type Client, type ClientOptions, createClient } from './client.ts';
export { Contact360Error } from './error.ts';
export { type ImportFileOptions, type ImportJob, importFile, watchImport } from './imports.ts';
export { eachRow } from './pages.ts';
