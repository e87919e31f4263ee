import { randomBytes, randomUUID } from 'node:crypto';
import { appendFile, chown, link, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import {
  type Account,
  codeOf,
  EmbeddedPostgresError,
  exists,
  findPlace,
  makeFolder,
  type Place,
  run,
  writePointer,
} from './embedded-place.ts';
import { machine, serverSettings } from './embedded-settings.ts';
import { runPostmaster, stopPostmaster } from './postmaster.ts';
