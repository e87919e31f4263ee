import { Migration } from '@mikro-orm/migrations';
import { FOLD_SURROUNDINGS, type FoldSurroundings, foldFunctions } from '../../records/fold-sql.ts';

/** Functions that fold while `pg_restore` fills the tables: they were not found before. What they give is the same. */
export class RestorableFolding extends Migration {
  override async up(): Promise<void> {
    const [surroundings] = (await this.execute(FOLD_SURROUNDINGS)) as [FoldSurroundings];
    for (const sql of foldFunctions(surroundings)) this.addSql(sql);
  }
}
