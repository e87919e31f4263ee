import { Migration } from '@mikro-orm/migrations';
import { ANNOUNCE_FUNCTION } from '../versions.ts';

/** What the triggers of record tables call, so that every process hears of changes. */
export class AnnounceChanges extends Migration {
  override up(): void {
    this.addSql(ANNOUNCE_FUNCTION);
  }
}
