import { parentPort, workerData } from 'node:worker_threads'
import { must } from '@sheetflow/core/assert'
import type { Log } from '@sheetflow/core/ports/host'
import { placesOf } from '../config/places.ts'
import { openBus } from '../registry.ts'
import { roleRunner } from '../roles/role-runner.ts'
import { toPlainError } from './plain-error.ts'
import type { FromRole, LogLevel, RoleThreadData, ToRole } from './protocol.ts'
import { fenceLife } from './one-life.ts'
import { streamOf, type RoleContext, type RoleReport } from './role.ts'
import { breakRuleByEnvironment, stopBeforeAppends } from './torture-hooks.ts'

/** The entry of a role's thread: builds the role's context, runs it, and says how it ended. */
const port = must(parentPort, 'role-thread runs in a worker')
const { role, plan, token } = workerData as RoleThreadData
const stream = streamOf(role)
const stop = new AbortController()
const draining = Promise.withResolvers<number>()
let reports: Readonly<Record<string, RoleReport>> = {}
let diagnostics: string | null = null

port.on('message', (message: ToRole) => {
  switch (message.kind) {
    case 'stop':
      stop.abort()
      break
    case 'drain':
      draining.resolve(message.ms)
      break
    case 'reports':
      reports = message.reports
      diagnostics = message.diagnostics
  }
})

/** A role that has ended has closed what it opened. So long its thread may live on for the rest. */
const LINGER_MS = 1_000

breakRuleByEnvironment()
await live()
port.close()
// What modules of commands and functions have opened stays open (a pool, a timer). A thread that lives on for it would not be missed: nobody would start its role again.
setTimeout(() => process.exit(), LINGER_MS).unref()

async function live(): Promise<void> {
  try {
    const places = placesOf(plan.config, plan.root)
    await using bus = await openBus(plan, logToMain())
    if (token !== null && stream !== null) await fenceLife(bus, stream)
    stopBeforeAppends(bus)
    const context: RoleContext = {
      ...plan,
      places,
      bus,
      token,
      log: logToMain(),
      signal: stop.signal,
      draining: draining.promise,
      ready: (info = {}) => tell({ kind: 'ready', info }),
      report: (values, problem) => tell({ kind: 'report', values, problem: problem ?? null }),
      reports: () => reports,
      diagnostics: () => diagnostics,
    }
    const run = await roleRunner(role)
    await run(context)
  } catch (error) {
    tell({ kind: 'failed', error: toPlainError(error) })
  }
}

function tell(message: FromRole): void {
  port.postMessage(message)
}

function logToMain(): Log {
  const at =
    (level: LogLevel) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}) =>
      tell({ kind: 'log', level, event, fields: JSON.parse(JSON.stringify(fields)) as Record<string, unknown> })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
