import { TransactionCollector } from '@sheetflow/core/framing/collector'
import type { WholeTransaction } from '@sheetflow/core/framing/collector'
import type { CaptureRig } from './capture-rig.ts'
import type { TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import type { Replica } from './replica.ts'

/** Waits until a table on the bus is what SQL shows. */
export async function settled(rig: CaptureRig, client: TestClient, table: string): Promise<Replica> {
  const truth = async (): Promise<readonly string[]> =>
    (await client.query<{ row: string }>(`select json_build_array(${await columnsOf(client, table)})::text as row from ${table}`)).rows
      .map(({ row }) => JSON.stringify(JSON.parse(row)))
      .toSorted()
  return await rig.until(
    async (replica) => replica.loaded.has(table) && JSON.stringify(replica.content(table)) === JSON.stringify(await truth()),
    `${table} as in SQL`,
  )
}

async function columnsOf(client: TestClient, table: string): Promise<string> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select attname as name, atttypid::regtype::text as type from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped order by attnum`,
  )
  return rows.map(({ name, type }) => (type === 'integer' ? `"${name}"` : `"${name}"::text`)).join(', ')
}

/** Everything on the stream so far, transaction by transaction. */
export function transactions(rig: CaptureRig): readonly WholeTransaction[] {
  return new TransactionCollector({ rule: 'source', epoch: 1_000 }).push(rig.bus.messages(rig.stream))
}

/** What the pieces of a transaction are; control messages by their kind. */
export function kinds(transaction: WholeTransaction | undefined): readonly string[] {
  return (transaction?.pieces ?? []).map((piece) => (piece.kind === 'control' ? piece.message.kind : piece.kind))
}

/** How many control messages of a kind are on the stream. */
export function countOf(rig: CaptureRig, kind: string): number {
  return transactions(rig)
    .flatMap(kinds)
    .filter((one) => one === kind).length
}

/** Why each new epoch of the stream began. */
export function epochReasons(rig: CaptureRig): readonly string[] {
  return transactions(rig).flatMap(({ pieces }) =>
    pieces.flatMap((piece) => (piece.kind === 'control' && piece.message.kind === 'epoch' ? [piece.message.reason] : [])),
  )
}
