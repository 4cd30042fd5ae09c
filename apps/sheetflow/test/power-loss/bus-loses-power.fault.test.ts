/**
 * The power of the machine that holds the bus is cut while a source is captured. Expected: nothing that was confirmed to the source is missing after the restart, what is there is a
 * beginning of what was written, and the capture goes on from it. On a disk that only says that it has synced, or with a server that syncs later than the configuration says, the loss
 * is found.
 *
 * A whole process, for NATS with its server, runs under `strace`; its changes of files and its syncs are replayed up to a random moment, as a disk may have kept them.
 */
import { natsServer } from '@sheetflow/testkit/nats/binaries'
import { whyNoRecorder } from '@sheetflow/testkit/power-loss/recorder'
import { runs, SEED } from '@sheetflow/testkit/runs'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { BusKind } from './open-bus.ts'
import { RecordedChain, type CutReport } from './recorded-chain.ts'

const SEEDS = Number(process.env['SHEETFLOW_SEEDS'] ?? runs(6, 200))
/** Until the planted fault is found. */
const PLANTED_SEEDS = 60
const LINKS = runs(60, 600)
const BUS = process.env['SHEETFLOW_FAULTS_BUS']

/** What a cut may take: a bus is started over the files that are left, and a few transactions come. */
const CUT_MS = 30_000

vi.setConfig({ testTimeout: (SEEDS + PLANTED_SEEDS) * CUT_MS })

const problem = whyNoRecorder()
test.runIf(problem !== null)('programs can be recorded here', ({ skip }) => {
  skip(problem ?? '')
  expect(problem).toBeNull()
})

interface Subject {
  readonly name: string
  readonly kind: BusKind
  /** Between two transactions: the syncs of the bus shall fall between them. */
  readonly paceMs: number
}

const SUBJECTS = problem === null ? (await subjects()).filter(({ kind }) => BUS === undefined || kind.type === BUS) : []

describe.each(SUBJECTS)('$name', ({ kind, paceMs }) => {
  let chain: RecordedChain
  beforeAll(async () => {
    chain = await RecordedChain.record(kind, { until: LINKS, paceMs })
    return () => chain[Symbol.dispose]()
  }, 600_000)

  test(`${String(SEEDS)} power cuts: what was confirmed is there`, async () => {
    expect(chain.wronglyReplayed()).toEqual([])
    const reports: CutReport[] = []
    // Where everything is synced at once, a few cuts may find nothing to take: then there are more of them.
    const tookNothing = (): boolean => reports.every(({ lostBytes, lostNames }) => lostBytes + lostNames === 0)
    for (let seed = SEED; seed < SEED + SEEDS || (tookNothing() && seed < SEED + 30 * SEEDS); seed++) reports.push(await chain.cut(seed))
    // The faults happened: cuts took something, and came when something was confirmed.
    expect(reports.filter(({ lostBytes, lostNames }) => lostBytes + lostNames > 0)).not.toEqual([])
    expect(Math.max(...reports.map(({ confirmed }) => confirmed))).toBeGreaterThan(0)
    expect(reports.filter(({ confirmed, survived }) => survived < confirmed)).toEqual([])
    console.info(summaryOf(reports))
  })

  if (kind.type !== 'sqlite') return
  test('a disk that has not synced what it says: the loss is found', async () => {
    expect(await firstLoss(chain, true)).not.toBeNull()
  })
})

test.runIf(problem === null && BUS !== 'sqlite')(
  'NATS with its default interval and a configuration that says `always`: the loss is found',
  async () => {
    using chain = await RecordedChain.record({ type: 'nats', binary: await natsServer(), said: 'always' }, { until: LINKS, paceMs: 5 })
    expect(await firstLoss(chain, false)).not.toBeNull()
  },
)

async function subjects(): Promise<readonly Subject[]> {
  const binary = await natsServer()
  return [
    { name: 'SQLite', kind: { type: 'sqlite' }, paceMs: 5 },
    { name: 'NATS with sync_interval: always', kind: { type: 'nats', binary, syncs: 'always', said: 'always' }, paceMs: 10 },
    { name: 'NATS with sync_interval: 1s and the lagged confirm', kind: { type: 'nats', binary, syncs: 1_000, said: 1_000 }, paceMs: 40 },
  ]
}

/** The first cut that took what was confirmed, or left what cannot be read; null: none of them. */
async function firstLoss(chain: RecordedChain, lying: boolean): Promise<string | null> {
  for (let seed = SEED; seed < SEED + PLANTED_SEEDS; seed++) {
    const found = await chain.cut(seed, { lying }).then(
      ({ confirmed, survived }) => (survived < confirmed ? `${String(confirmed)} confirmed, ${String(survived)} there` : null),
      (error: unknown) => String(error),
    )
    if (found !== null) return `seed ${String(seed)}: ${found}`
  }
  return null
}

function summaryOf(reports: readonly CutReport[]): string {
  const [bytes, names] = [reports.reduce((sum, one) => sum + one.lostBytes, 0), reports.reduce((sum, one) => sum + one.lostNames, 0)]
  return `${String(reports.length)} cuts took ${String(bytes)} bytes and ${String(names)} changes of names; of what was confirmed nothing is missing`
}
