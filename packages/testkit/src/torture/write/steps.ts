import type { Random } from '../../random.ts'
import type { KeyShape, SourceShape } from '../world/shape.ts'
import { KINDS, OWNERS } from '../world/create-sql.ts'
import type { Session } from './session.ts'

/** What one transaction works with. */
export interface StepContext {
  readonly session: Session
  readonly random: Random
  readonly shape: SourceShape
}

/** Thrown to roll the transaction back: another writer took what this one needed. */
class GiveUp extends Error {
  override readonly name: string = 'GiveUp'
}

/** One thing that a transaction does. It keeps the sum of all balances, or throws `GiveUp`. */
export type Step = (context: StepContext) => Promise<void>

type Table = 'accounts' | 'vaults'

const BIO = `left(md5(random()::text), 16) || repeat(md5(random()::text), 90 + floor(random() * 150)::int)`

/** Money goes between any two rows of the two tables. */
const transfer: Step = async (context) => {
  const [from, to] = [anyTable(context.random), anyTable(context.random)]
  const [a, b] = [await someKey(context, from), await someKey(context, to)]
  if (from === to && a.join() === b.join()) return
  const amount = context.random.between(1, 5000) / 100
  await addTo(context, from, a, -amount)
  await addTo(context, to, b, amount)
}

const openAccount: Step = async (context) => {
  const { session, random, shape } = context
  const key = shape.accounts.make(random)
  const extras = shape.extras.map(({ value }) => value)
  const columns = [...names(shape.accounts), 'owner_id', 'kind', 'balance', 'bio', ...shape.extras.map(({ name }) => name)]
  const values = [...key.map((_, i) => `$${i + 1}`), owner(random), random.below(KINDS), 0, BIO, ...extras]
  await session.change(`insert into accounts (${columns.join(', ')}) values (${values.join(', ')})`, key)
  await transfer(context)
}

const closeAccount: Step = async (context) => {
  const { session, random, shape } = context
  const key = await someKey(context, 'accounts')
  const [gone] = await session.rows<{ balance: string }>(`delete from accounts where ${at(shape.accounts)} returning balance`, key)
  if (gone === undefined) throw new GiveUp('closed already')
  const heir = anyTable(random)
  await addTo(context, heir, await someKey(context, heir), gone.balance)
}

/** The key changes; the wide column is not sent. */
const moveKey: Step = async ({ session, random, shape }) => {
  const table = anyTable(random)
  const key = shape[table]
  const [from, to] = [await someKey({ session, random, shape }, table), key.make(random)]
  await session.change(`update ${table} set ${assign(key, from.length)} where ${at(key)}`, [...from, ...to])
}

/** Two rows exchange their keys over a third. */
const swapKeys: Step = async (context) => {
  const { session, random, shape } = context
  const key = shape.accounts
  const [a, b, between] = [await someKey(context, 'accounts'), await someKey(context, 'accounts'), key.make(random)]
  if (a.join() === b.join()) return
  for (const [from, to] of [
    [a, between],
    [b, a],
    [between, b],
  ] as const) {
    const moved = await session.change(`update accounts set ${assign(key, from.length)} where ${at(key)}`, [...from, ...to])
    if (moved !== 1) throw new GiveUp('gone')
  }
}

/** Gone and back under the same key in one transaction. */
const rebirth: Step = async (context) => {
  const { session, shape } = context
  const key = await someKey(context, 'accounts')
  const columns = [...names(shape.accounts), 'owner_id', 'kind', 'balance', 'bio'].join(', ')
  await session.change(`create temp table if not exists reborn as select ${columns} from accounts limit 0`)
  await session.change('delete from reborn')
  const died = await session.change(
    `with gone as (delete from accounts where ${at(shape.accounts)} returning ${columns}) insert into reborn select ${columns} from gone`,
    key,
  )
  if (died !== 1) throw new GiveUp('gone')
  await session.change(`insert into accounts (${columns}) select ${columns} from reborn`)
}

const changeKind: Step = async (context) => {
  const key = await someKey(context, 'accounts')
  const { session, random, shape } = context
  await session.change(`update accounts set kind = ${random.below(KINDS)} where ${at(shape.accounts)}`, key)
}

const changeOwner: Step = async (context) => {
  const key = await someKey(context, 'accounts')
  const { session, random, shape } = context
  await session.change(`update accounts set owner_id = ${owner(random)} where ${at(shape.accounts)}`, key)
}

const changeExtras: Step = async (context) => {
  const key = await someKey(context, 'accounts')
  const { session, shape } = context
  const set = shape.extras.map(({ name, value }) => `${name} = ${value}`).join(', ')
  await session.change(`update accounts set ${set} where ${at(shape.accounts)}`, key)
}

const rewriteBio: Step = async (context) => {
  const key = await someKey(context, 'accounts')
  await context.session.change(`update accounts set bio = ${BIO} where ${at(context.shape.accounts)}`, key)
}

const renameOwner: Step = async ({ session, random }) => {
  await session.change(`update owners set name = 'owner ' || floor(random() * 1000) where id = ${random.between(1, OWNERS)}`)
}

/** What a savepoint takes back was never there. */
const savepoint: Step = async (context) => {
  const { session } = context
  await session.change('savepoint s')
  await transfer(context)
  await session.change(`update accounts set balance = balance + 1000000 where kind = 1`)
  await session.change('rollback to savepoint s')
  await transfer(context)
}

/** Everything that lies in the vaults goes to one account; the vaults are emptied by TRUNCATE and filled again with nothing in them. */
const emptyVaults: Step = async (context) => {
  const { session, shape, random } = context
  await session.change('lock table vaults in access exclusive mode')
  const [held] = await session.rows<{ sum: string }>('select coalesce(sum(balance), 0) as sum from vaults')
  await session.change('truncate vaults')
  await addTo(context, 'accounts', await someKey(context, 'accounts'), held?.sum ?? '0')
  const keys = new Map(Array.from({ length: 25 }, () => shape.vaults.make(random)).map((key) => [key.join('|'), key]))
  for (const key of keys.values()) {
    await session.change(
      `insert into vaults (${names(shape.vaults).join(', ')}, balance) values (${key.map((_, i) => `$${i + 1}`).join(', ')}, 0)`,
      key,
    )
  }
}

/** A big transaction in a table that nobody reads: the log lags behind what snapshots see. */
const bulk: Step = async ({ session }) => {
  await session.change('truncate bulk')
  await session.change(`insert into bulk select i, repeat('x', 60) from generate_series(1, 4000) i`)
}

/** Every row of a kind in one transaction. */
const manyRows: Step = async ({ session, random }) => {
  await session.change(`update accounts set kind = (kind + 1) % ${KINDS} where kind = ${random.below(KINDS)}`)
}

/** Steps by how often they are taken. */
const STEPS: readonly (readonly [weight: number, step: Step])[] = [
  [30, transfer],
  [8, openAccount],
  [8, closeAccount],
  [6, moveKey],
  [3, swapKeys],
  [3, rebirth],
  [10, changeKind],
  [5, changeOwner],
  [5, changeExtras],
  [4, rewriteBio],
  [2, renameOwner],
  [3, savepoint],
  [0.6, emptyVaults],
  [0.3, bulk],
  [1, manyRows],
]

const WEIGHTS = STEPS.reduce((sum, [weight]) => sum + weight, 0)

/** Draws what a transaction does next. */
export function drawStep(random: Random): Step {
  let at = random.next() * WEIGHTS
  for (const [weight, step] of STEPS) {
    at -= weight
    if (at < 0) return step
  }
  return transfer
}

/** Fills the tables with what belongs to the bank at its opening. */
export async function openBank(
  { session, random, shape }: StepContext,
  rows: Readonly<Record<Table, number>>,
  balance: number,
): Promise<void> {
  for (const table of ['accounts', 'vaults'] as const) {
    const keys = new Map<string, readonly string[]>()
    while (keys.size < rows[table]) {
      const key = shape[table].make(random)
      keys.set(key.join('|'), key)
    }
    const more = table === 'accounts' ? { owner_id: '', kind: '', bio: BIO } : {}
    for (const key of keys.values()) {
      const values: Record<string, unknown> = table === 'accounts' ? { ...more, owner_id: owner(random), kind: random.below(KINDS) } : more
      for (const { name, value } of table === 'accounts' ? shape.extras : []) values[name] = value
      const columns = [...names(shape[table]), 'balance', ...Object.keys(values)]
      const texts = [...key.map((_, i) => `$${i + 1}`), balance, ...Object.values(values)]
      await session.change(`insert into ${table} (${columns.join(', ')}) values (${texts.join(', ')})`, key)
    }
  }
}

async function addTo({ session, shape }: StepContext, table: Table, key: readonly string[], amount: number | string): Promise<void> {
  const changed = await session.change(`update ${table} set balance = balance + $${key.length + 1}::numeric where ${at(shape[table])}`, [
    ...key,
    String(amount),
  ])
  if (changed !== 1) throw new GiveUp('gone')
}

async function someKey({ session, shape }: StepContext, table: Table): Promise<readonly string[]> {
  const columns = names(shape[table])
  const [row] = await session.rows<Record<string, string>>(
    `select ${columns.map((name) => `${name}::text`).join(', ')} from ${table} order by random() limit 1`,
  )
  if (row === undefined) throw new GiveUp('empty')
  return columns.map((name) => row[name] ?? '')
}

function anyTable(random: Random): Table {
  return random.chance(0.75) ? 'accounts' : 'vaults'
}

function owner(random: Random): number {
  // Some accounts name an owner that is not there.
  return random.between(1, OWNERS + 1)
}

function names(key: KeyShape): string[] {
  return key.columns.map(({ name }) => name)
}

/** `id = $1 and …` */
function at(key: KeyShape): string {
  return key.columns.map(({ name, sql }, i) => `${name} = $${i + 1}::${castOf(sql)}`).join(' and ')
}

/** `id = $2, …` behind the first `offset` parameters. */
function assign(key: KeyShape, offset: number): string {
  return key.columns.map(({ name, sql }, i) => `${name} = $${offset + i + 1}::${castOf(sql)}`).join(', ')
}

function castOf(sql: string): string {
  return sql.split(' ')[0] ?? sql
}
