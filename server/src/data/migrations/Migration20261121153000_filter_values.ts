import { Migration } from '@mikro-orm/migrations';
import { FILTER_TABLES } from '../../records/filter-values.ts';

/** What the triggers of records with stored filters append to. */
export class FilterValues extends Migration {
  override up(): void {
    for (const sql of FILTER_TABLES) this.addSql(sql);
  }
}
