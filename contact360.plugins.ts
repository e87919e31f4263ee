import { accounts } from '@contact360/accounts';
import { admin } from '@contact360/admin';
import { analytics } from '@contact360/analytics';
import { companies, company } from '@contact360/companies';
import { contact, contacts } from '@contact360/contacts';
import { demo } from '@contact360/demo';
import { exports } from '@contact360/exports';
import { filters } from '@contact360/filters';
import { health } from '@contact360/health';
import { imports } from '@contact360/imports';
import { definePlugins, type RouterOf } from '@contact360/server';
import { jsonLines } from '@contact360/source-jsonl';
import { vCard } from '@contact360/source-vcard';
import { xlsx } from '@contact360/source-xlsx';

/** Every plugin of the product, each after those it requires. */
export const plugins = definePlugins([
  accounts(),
  admin(),
  health(),
  companies(),
  contacts(),
  filters([contact, company]),
  analytics(),
  imports(),
  jsonLines(),
  vCard(),
  xlsx(),
  exports(),
  demo(),
]);

/** The type of all procedures, for the SDK. */
export type AppRouter = RouterOf<typeof plugins>;
