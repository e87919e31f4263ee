import { Migration } from '@mikro-orm/migrations';
import { SET_ASIDE_TABLE } from '../large-load.ts';

/** Where large loads note the indexes that they have taken away. */
export class SetAsideIndexes extends Migration {
  override up(): void {
    this.addSql(SET_ASIDE_TABLE);
  }
}
