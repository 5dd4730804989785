/**
 * For the controls: gives pragmas other values behind the product's back (`--import`), and shows it the ones it asked for.
 * POWER_CUT_PRAGMAS={"synchronous":"NORMAL"}
 */
import Database from 'better-sqlite3';

const others = JSON.parse(process.env['POWER_CUT_PRAGMAS'] ?? '{}') as Readonly<Record<string, string>>;
const asked: Readonly<Record<string, unknown>> = { synchronous: 2, journal_mode: 'wal' };
const { prototype } = Database;
// It is called with the database as `this`, below.
// oxlint-disable-next-line typescript/unbound-method
const original = prototype.pragma;

prototype.pragma = function (this: Database.Database, source, options) {
  const [name = '', value] = source.split(/\s*=\s*/);
  const other = others[name];
  if (other === undefined) return original.call(this, source, options);
  if (value === undefined) return asked[name];
  const set = original.call(this, `${name} = ${other}`, { simple: true });
  if (name === 'journal_mode' && String(set) !== other) throw new Error(`the journal mode is ${String(set)}`);
  return set;
};
