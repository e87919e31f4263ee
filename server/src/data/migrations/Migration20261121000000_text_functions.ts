import { Migration } from '@mikro-orm/migrations';
import { foldFunctions, LOWERING_COLLATION } from '../../records/fold-sql.ts';

/** What the generated columns of every record need: trigram indexes and the functions that fold text. */
export class TextFunctions extends Migration {
  override async up(): Promise<void> {
    this.addSql('create extension if not exists pg_trgm');
    const [collation] = (await this.execute(LOWERING_COLLATION)) as [{ name: string }];
    for (const sql of foldFunctions(collation.name)) this.addSql(sql);
  }
}
