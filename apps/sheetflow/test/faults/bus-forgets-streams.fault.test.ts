/**
 * The power of a NATS server fails that had not synced the files which describe its streams (`sync_interval` other than `always`): `meta.inf` and `meta.sum` are empty, and it starts without those streams, though
 * their messages lie on its disk. Expected: each stream is made anew by whoever opens it, with its messages and a new epoch; everything goes on by itself, nothing acknowledged is lost, stored twice or out of order, no
 * page goes back, no writer is fenced, and the log says which streams that were.
 */
import { globSync, truncateSync } from 'node:fs'
import path from 'node:path'
import type { NatsServer } from '@sheetflow/testkit/nats/server'
import { LONG } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { BUSES, onRing } from './on-each-bus.ts'

/** All at once, as a cut leaves them, and each by itself. */
const STREAMS = LONG ? ['*', 'SF_GRAPH_desk', 'SF_SRC_shop', 'SF_IN_*', 'SF_BUS'] : ['*']

test.runIf(BUSES.includes('nats')).each(STREAMS)(
  'over NATS: %s',
  async (streams) => {
    await onRing('nats', {}, async (ring, nats) => {
      if (nats === null) throw new Error('there is a server')
      ring.writer.start(10)
      await ring.shows(ring.seen + 50)
      const before = await streamsOf(nats)
      await nats.kill9()
      // The machine goes with it.
      await ring.process.kill()
      const cut = globSync(path.join(nats.dir, '**/streams', streams, 'meta.*'))
      expect(cut.length).toBeGreaterThan(1)
      for (const file of cut) truncateSync(file)
      await nats.start()
      // That is the fault: the server does not know them any more.
      const known = await streamsOf(nats)
      const forgotten = before.filter((name) => !known.includes(name))
      expect(forgotten.length).toBeGreaterThan(0)
      const written = ring.writer.acknowledged
      ring.restart()
      await ring.ready()
      await ring.shows(written + 50)
      await ring.settled()
      // What is found again was written by nobody else, though it was not there at first.
      expect(ring.process.output).not.toContain('left it at 0')
      // The bus' own stream has nobody who reads it from a place.
      expect(ring.output.includes('bus.stream-anew')).toBe(streams !== 'SF_BUS')
    })
  },
  900_000,
)

/** The streams that the server knows, by its own word. */
async function streamsOf({ monitor }: NatsServer): Promise<readonly string[]> {
  const answer = await fetch(`${monitor}/jsz?streams=true`)
  const { account_details: accounts = [] } = (await answer.json()) as Jsz
  return accounts.flatMap(({ stream_detail: streams = [] }) => streams.map(({ name }) => name))
}

interface Jsz {
  readonly account_details?: readonly { readonly stream_detail?: readonly { readonly name: string }[] }[]
}
