import type { SourceShape } from './shape.ts'

/** Rows at the beginning, and what they all hold together for ever: at every commit `accounts` and `vaults` of one database add up to it. */
export const ACCOUNTS = 120
export const VAULTS = 30
export const OPENING_BALANCE = 100
export const TOTAL_CENTS: number = (ACCOUNTS + VAULTS) * OPENING_BALANCE * 100

export const OWNERS = 12
export const KINDS = 4
export const CLIENTS = 20
/** Rows that only the scenes touch. */
const DOCUMENTS = 200
export const ARCHIVED = 150

/**
 * The tables of one database. `v` of a row counts the commits that its key has seen, over all its lives: a counter outside of the captured tables is
 * bumped in the same transaction, so its row lock puts the numbers in commit order. Whoever sees a smaller one later has seen the past.
 */
export function createSql({ accounts, vaults, extras }: SourceShape): string {
  const keyColumns = (key: SourceShape['accounts']): string => key.columns.map(({ name, sql }) => `${name} ${sql}`).join(', ')
  const columnNames = (key: SourceShape['accounts']): string[] => key.columns.map(({ name }) => name)
  const keyNames = (key: SourceShape['accounts']): string => columnNames(key).join(', ')
  return [
    `create schema torture`,
    `create table torture.lives (tab text, key text, v bigint not null, primary key (tab, key))`,
    `create table accounts (${keyColumns(accounts)}, owner_id bigint not null, kind int not null, balance numeric(14,2) not null, bio text,
      ${extras.map(({ name, sql }) => `${name} ${sql}`).join(', ')}, v bigint not null default 0, primary key (${keyNames(accounts)}))`,
    `alter table accounts alter bio set storage external`,
    moveSql(keyNames(accounts)),
    `create table vaults (${keyColumns(vaults)}, balance numeric(14,2) not null, v bigint not null default 0, primary key (${keyNames(vaults)}))`,
    `create table owners (id bigint primary key, name text not null, v bigint not null default 0)`,
    `create table mailboxes (client int primary key, done int not null default 0, last text, v bigint not null default 0)`,
    `create table effects (id bigint generated always as identity primary key, command text not null)`,
    `create table journal (id text primary key, writer int not null, n int not null)`,
    `create table documents (id int primary key, said text not null, body text, v bigint not null default 0)`,
    `alter table documents alter body set storage external`,
    `create table archive (id int primary key, n int not null)`,
    `create table bulk (id bigint primary key, filler text)`,
    ...counted('accounts', columnNames(accounts)),
    ...counted('vaults', columnNames(vaults)),
    ...['owners', 'documents'].flatMap((table) => counted(table, ['id'])),
    ...counted('mailboxes', ['client']),
    `insert into owners select i, 'owner ' || i from generate_series(1, ${OWNERS}) i`,
    `insert into mailboxes select i from generate_series(0, ${CLIENTS - 1}) i`,
    `insert into documents select 1000 + i, 'old', repeat(md5(i::text), 100) from generate_series(1, ${DOCUMENTS}) i`,
    `insert into archive select i, i from generate_series(1, ${ARCHIVED}) i`,
  ].join(';\n')
}

/** Moves money between two random accounts; false if there are not two. Both rows are locked before either changes. */
function moveSql(key: string): string {
  return `create function torture.move(cents int) returns boolean language plpgsql as $$
    declare a accounts; b accounts;
    begin
      select * into a from accounts order by random() limit 1 for update;
      if not found then return false; end if;
      select * into b from accounts t where (${key}) is distinct from (${key.replace(/\w+/g, 'a.$&')}) order by random() limit 1 for update;
      if not found then return false; end if;
      update accounts set balance = balance - cents / 100.0 where (${key}) = (${key.replace(/\w+/g, 'a.$&')});
      update accounts set balance = balance + cents / 100.0 where (${key}) = (${key.replace(/\w+/g, 'b.$&')});
      return true;
    end $$`
}

/**
 * The trigger that counts a table's commits. It names the columns of the key one by one: a function that takes the whole row would fetch its wide values,
 * and Postgres would then write them to the log as if they had changed.
 */
function counted(table: string, key: readonly string[]): string[] {
  const text = key.map((column) => `new.${column}::text`).join(", '|', ")
  return [
    `create function torture.count_${table}() returns trigger language plpgsql as $$
      begin
        insert into torture.lives values ('${table}', concat(${text}), 1)
          on conflict (tab, key) do update set v = lives.v + 1 returning lives.v into new.v;
        return new;
      end $$`,
    `create trigger counted before insert or update on ${table} for each row execute function torture.count_${table}()`,
  ]
}
