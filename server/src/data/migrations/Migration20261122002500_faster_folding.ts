import { Migration } from '@mikro-orm/migrations';
import { foldFunctions, LOWERING_COLLATION } from '../../records/fold-sql.ts';

/** Functions that fold text in half the time, and to the same: what is stored stays as it is. */
export class FasterFolding extends Migration {
  override async up(): Promise<void> {
    const [collation] = (await this.execute(LOWERING_COLLATION)) as [{ name: string }];
    for (const sql of foldFunctions(collation.name)) this.addSql(sql);
    for (const former of ['fold_joined(text)', 'fold_unicode(text, text)', 'fold_list_unicode(text, text)'])
      this.addSql(`drop function if exists ${former}`);
  }
}
