import type { SetupCheck } from '@sheetflow/core/setup-check'
import { isSheetflowError } from '@sheetflow/core/errors'
import { openLink, type Link } from './link.ts'
import { WANTED_PAYLOAD } from './limits.ts'
import type { NatsBusOptions } from './nats-bus.ts'
import { judgeSync, type SyncJudgement } from './sync.ts'

/** What this server promises, and what stands in the way: for `sheetflow doctor`. Never throws for what is wrong with the server. */
export async function checkNats(options: NatsBusOptions): Promise<readonly SetupCheck[]> {
  try {
    await using link = await openLink(options)
    return [serverCheck(link), batchCheck(link), payloadCheck(link), syncCheck(await judgeSync(options))]
  } catch (error) {
    if (!isSheetflowError(error)) throw error
    return [{ name: 'reach', status: 'fail', message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) }]
  }
}

function serverCheck({ nc, features }: Link): SetupCheck {
  const cluster = nc.info?.cluster === undefined ? 'a single server' : `cluster ${nc.info.cluster}`
  return { name: 'server', status: 'ok', message: `NATS ${features.version} with JetStream, ${cluster}` }
}

function batchCheck({ features }: Link): SetupCheck {
  if (features.atomicBatches)
    return { name: 'atomic', status: 'ok', message: 'an append that has to be whole is stored whole or not at all' }
  return {
    name: 'atomic',
    status: 'warn',
    message: `NATS ${features.version} has no atomic batches: a writer that is killed may leave a part of a transaction, which its successor completes or writes again`,
    fix: 'Nothing has to be done. From NATS 2.12 on appends that have to be whole are stored so.',
  }
}

function payloadCheck({ maxPayload }: Link): SetupCheck {
  const message = `messages of up to ${(maxPayload / 1024 / 1024).toFixed(1)} MiB`
  if (maxPayload >= WANTED_PAYLOAD) return { name: 'payload', status: 'ok', message }
  return {
    name: 'payload',
    status: 'warn',
    message,
    fix: 'Set `max_payload: 8MB` in the configuration of the server: larger rows are refused otherwise.',
  }
}

function syncCheck({ interval, durableAfterMs, from }: SyncJudgement): SetupCheck {
  if (interval === 'always') {
    return {
      name: 'sync',
      status: 'ok',
      message: `sync_interval is always (${from}): what is confirmed to a source is on the disk of the server`,
    }
  }
  const seconds = (durableAfterMs / 1_000).toFixed(0)
  const message = `sync_interval is ${String(interval / 1_000)} s (${from}): a source is confirmed ${seconds} s after the bus stored its changes, so that no power failure loses any`
  if (from !== 'assumption') return { name: 'sync', status: 'ok', message }
  return {
    name: 'sync',
    status: 'warn',
    message,
    fix: "Say `bus.syncInterval` or name `bus.monitor`; `sync_interval: '1s'` in the block `jetstream` of the server holds back less of the source's log.",
  }
}
