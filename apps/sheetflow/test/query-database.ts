import { Client } from 'pg'

/** Asks a database over a connection of its own; the rows. */
export async function queryDatabase(
  url: string | undefined,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text, [...values])).rows
  } finally {
    await client.end()
  }
}
