import { Contact360Error, request } from '@contact360/sdk';
import { defineCommand, wholeNumber } from '../command.ts';
import { connect, serverOf } from '../connection.ts';
import { EXIT, Failure } from '../failure.ts';
import { type Row, tablePrinter } from '../table.ts';
import { number, paint, print, tell } from '../terminal.ts';

/** The reply of `POST /api/v2/apollo/contacts` (document 004), as far as it is shown. */
interface Reply {
  readonly results: readonly Row[];
  readonly mapping_summary: {
    readonly total_apollo_parameters: number;
    readonly mapped_parameters: number;
    readonly unmapped_parameter_names: readonly string[];
  };
}

export const apollo = defineCommand({
  summary: 'List the contacts that an Apollo.io search address asks for.',
  arguments: ['URL'],
  options: { limit: { type: 'string', short: 'n', value: 'N', help: 'at most so many (25 when absent)' } },
  details: 'Nothing is asked of Apollo.io: the search is answered from the contacts here. Put the address into quotes.',
  run: async (flags, [url = '']) => {
    const { options, server } = await connect(await serverOf(flags.url));
    const limit = wholeNumber('limit', flags.limit, 1) ?? 25;
    const reply = await request(options, `/api/v2/apollo/contacts/?limit=${limit}`, {
      method: 'POST',
      code: 'apollo.refused',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url }),
    }).catch((error: unknown) => {
      if (error instanceof Contact360Error && error.status === 404)
        throw new Failure(
          `${server} does not read Apollo.io addresses: it runs without that plugin.`,
          EXIT.failed,
          'no_plugin',
        );
      throw error;
    });
    const { results, mapping_summary: summary } = (await reply.json()) as Reply;
    if (flags.json) await print(results.map((row) => `${JSON.stringify(row)}\n`).join(''));
    else await tablePrinter(['first_name', 'last_name', 'title', 'company', 'email', 'country'])(results);
    const left = summary.unmapped_parameter_names.join(', ');
    tell(
      paint.err(
        'dim',
        `${number(summary.mapped_parameters)} of ${number(summary.total_apollo_parameters)} parameters apply${left && `; left aside: ${left}`}`,
      ),
    );
    return undefined;
  },
});
