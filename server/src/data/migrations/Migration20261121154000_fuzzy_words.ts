import { Migration } from '@mikro-orm/migrations';
import { FUZZY_FUNCTIONS } from '../../records/fold-sql.ts';

/** What finds words with typos. */
export class FuzzyWords extends Migration {
  override up(): void {
    for (const sql of FUZZY_FUNCTIONS) this.addSql(sql);
  }
}
