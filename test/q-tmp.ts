import fs from 'node:fs';
import pg from 'pg';

const c = new pg.Client({ connectionString: fs.readFileSync('/tmp/b1m/url', 'utf8') });
await c.connect();
const text = fs.readFileSync(0, 'utf8');
const plans = process.argv.includes('-p');
for (const sql of text
  .split(/;\s*\n/)
  .map((s) => s.trim())
  .filter(Boolean)) {
  const times: number[] = [];
  let r: any;
  for (let i = 0; i < 5; i++) {
    const s = performance.now();
    r = await c.query(sql);
    times.push(performance.now() - s);
    if (times[0]! > 3000) break;
  }
  console.log(
    `${sql.slice(0, 150).replace(/\s+/g, ' ')}\n  -> ${Math.min(...times).toFixed(2)} / ${times.sort((a, b) => a - b)[times.length >> 1]!.toFixed(2)} ms, ${r.rows?.length} rows, ${JSON.stringify(r.rows?.[0] ?? '').slice(0, 150)}`,
  );
  if (plans && sql.startsWith('select'))
    console.log(
      (await c.query('explain (analyze, costs on, buffers off, timing off) ' + sql)).rows
        .map((x: any) => '    ' + x['QUERY PLAN'])
        .join('\n')
        .slice(0, 3500),
    );
}
await c.end();
