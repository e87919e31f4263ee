/**
 * Writes the migration that brings a plugin's tables to what its record types and entities say:
 * `npm run migration -- contacts add_birthday`. It compares with the snapshot beside the plugin's migrations, so no
 * database is needed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Migrator, TSMigrationGenerator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import type { AnyPlugin, Config } from '../src/config.ts';
import { recordEntity } from '../src/records/entity.ts';

const EMPTY_SNAPSHOT = { namespaces: ['public'], name: 'public', tables: [], nativeEnums: {} };

/** The library's generator with the project's own import, so that plugins depend on nothing but the server. */
class MigrationFile extends TSMigrationGenerator {
  override generateMigrationFile(
    className: string,
    { up }: Parameters<TSMigrationGenerator['generateMigrationFile']>[1],
  ): string {
    const statements = up.map((sql) => this.createStatement(sql, 4)).join('');
    return `import { Migration } from '@contact360/server';\n\nexport class ${className} extends Migration {\n  override up(): void {\n${statements}  }\n}\n`;
  }
}

const [id, name] = process.argv.slice(2);
const { default: config } = (await import(pathToFileURL(path.resolve('contact360.config.ts')).href)) as {
  default: Config;
};
const plugins = config.plugins as readonly AnyPlugin[];
const plugin = plugins.find((each) => each.id === id);
if (!plugin?.migrations) {
  const known = plugins.filter(({ migrations }) => migrations).map((each) => each.id);
  console.error(`Name a plugin that has tables: ${known.join(', ')}`);
  process.exit(1);
}

const folder = fileURLToPath(plugin.migrations);
await mkdir(folder, { recursive: true });
const snapshot = path.join(folder, '.snapshot.json');
if (!existsSync(snapshot)) await writeFile(snapshot, JSON.stringify(EMPTY_SNAPSHOT));

const orm = await MikroORM.init({
  entities: [...(plugin.records ?? []).map(recordEntity), ...(plugin.entities ?? [])],
  clientUrl: 'postgres://nobody@127.0.0.1:1/none',
  extensions: [Migrator],
  logger: () => undefined,
  migrations: { path: folder, emit: 'ts', snapshotName: '.snapshot', generator: MigrationFile },
});
const { fileName } = await orm.migrator.create(folder, false, false, name);
if (fileName)
  execFileSync('node_modules/.bin/biome', ['format', '--write', path.join(folder, fileName)], { stdio: 'ignore' });
console.log(
  fileName ? `Wrote ${path.relative('.', path.join(folder, fileName))}` : `The tables of '${id}' are up to date`,
);
await orm.close(true);
