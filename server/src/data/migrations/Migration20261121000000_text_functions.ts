import { Migration } from '@mikro-orm/migrations';
import { FOLD_SURROUNDINGS, type FoldSurroundings, foldFunctions } from '../../records/fold-sql.ts';

/** What the generated columns of every record need: trigram indexes and the functions that fold text. */
export class TextFunctions extends Migration {
  override async up(): Promise<void> {
    this.addSql('create extension if not exists pg_trgm');
    const [surroundings] = (await this.execute(FOLD_SURROUNDINGS)) as [FoldSurroundings];
    for (const sql of foldFunctions(surroundings)) this.addSql(sql);
  }
}
