import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { natsServer } from '@sheetflow/testkit/nats/binaries'
import { startNats, type NatsServer } from '@sheetflow/testkit/nats/server'
import { FaultRing, type FaultRingOptions } from './fault-ring.ts'

/** The buses that scenarios run on: both, or the one that `npm run faults -- --bus` names. */
export const BUSES: readonly ('sqlite' | 'nats')[] = (['sqlite', 'nats'] as const).filter(
  (bus) => (process.env['SHEETFLOW_FAULTS_BUS'] ?? bus) === bus,
)

/** Runs a scenario on a ring over this bus. `nats` is the server of the bus; null: there is none. `busDir`: where the bus keeps its files, if that is not its own choice. */
export async function onRing(
  bus: 'sqlite' | 'nats',
  options: Omit<FaultRingOptions, 'bus'>,
  work: (ring: FaultRing, nats: NatsServer | null) => Promise<void>,
): Promise<void> {
  await using stack = new AsyncDisposableStack()
  if (bus === 'sqlite') {
    const ring = stack.use(await FaultRing.start({ ...options, bus: { type: 'sqlite' } }))
    return await work(ring, null)
  }
  const dir = options.busDir ?? mkdtempSync(path.join(tmpdir(), 'fault-nats-'))
  if (options.busDir === undefined) stack.defer(() => rmSync(dir, { recursive: true, force: true }))
  const nats = stack.use(await startNats({ binary: await natsServer(), dir, jetstream: ['sync_interval: always'] }))
  const ring = stack.use(await FaultRing.start({ ...options, bus: { type: 'nats', servers: [nats.url], syncInterval: 'always' } }))
  await work(ring, nats)
}
