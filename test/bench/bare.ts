/**
 * The server that ours is measured against: one Fastify route per read that runs the same SQL and sends what `pg` makes
 * of the rows, and nothing else. No sign-in, no input, no mapping, no headers of its own.
 */
import { readFileSync } from 'node:fs';
import fastify from 'fastify';
import { Pool } from 'pg';
import type { Captured } from './capture.ts';

const { BENCH_CAPTURED, DATABASE_URL, PORT } = process.env;
const reads = JSON.parse(readFileSync(BENCH_CAPTURED!, 'utf8')) as Captured[];
const pool = new Pool({ connectionString: DATABASE_URL, max: 20 });
const http = fastify();
for (const [index, { statements }] of reads.entries()) {
  http.get(`/${index}`, async () => {
    const results = await Promise.all(statements.map(({ text, values }) => pool.query(text, values)));
    return results.map(({ rows }) => rows);
  });
}
await http.listen({ host: '127.0.0.1', port: Number(PORT) });
