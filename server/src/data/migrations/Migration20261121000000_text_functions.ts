import { Migration } from '@mikro-orm/migrations';
import { FOLD_FUNCTIONS } from '../../records/fold-sql.ts';

/** What the generated columns of every record need: trigram indexes and the functions that fold text. */
export class TextFunctions extends Migration {
  override up(): void {
    this.addSql('create extension if not exists pg_trgm');
    for (const sql of FOLD_FUNCTIONS) this.addSql(sql);
  }
}
