import { SheetflowError } from '@sheetflow/core/errors'
import { readiness, type Readiness } from '../../ops/health.ts'
import { busDriver } from '../../registry.ts'
import type { RoleReport } from '../../runtime/role.ts'
import type { ProcessReport } from '../../runtime/tell-presence.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { fetchServer, SERVER_OPTIONS, serverUrl } from '../server.ts'
import { dim, green, red, yellow, type Output } from '../output.ts'
import type { OptionValues } from '../options.ts'

/** `sheetflow status`: who does what, and how far each is: of one process that serves, or of all that share the bus. */
export const status: CliCommand = {
  name: 'status',
  summary: 'show the roles of a running Sheetflow, their lag and positions',
  usage: 'status [--url URL | --port N] [--json]',
  options: SERVER_OPTIONS,
  async run({ options }, output) {
    const isOne = options['url'] !== undefined || options['port'] !== undefined
    const ready = (isOne ? null : await showAll(options, output)) ?? (await showOne(options, output))
    return ready ? EXIT.ok : EXIT.unreachable
  },
}

async function showOne(options: OptionValues, output: Output): Promise<boolean> {
  const response = await fetchServer(`${await serverUrl(options)}/readyz`)
  const body = (await response.json()) as Readiness
  for (const [role, report] of Object.entries(body.roles)) show(output, role, report, {})
  return body.ready
}

/** Null where the bus is one process' own. `client/offline` if no process has said anything for a while. */
async function showAll(options: OptionValues, output: Output): Promise<boolean | null> {
  const loaded = await loadByLine(options)
  await using presence = await (await busDriver(loaded)).openPresence()
  if (presence === null) return null
  const all = (await presence.all()).map(({ process, text }) => ({ process, ...(JSON.parse(text) as ProcessReport) }))
  if (all.length === 0) {
    throw new SheetflowError('client/offline', 'no process on this bus says that it runs', {
      fix: "Start one with 'sheetflow start', or ask another one with --url. One that runs and is not seen here says why in its log (presence.untold).",
    })
  }
  for (const { process, host, pid, url, roles } of all) {
    output.note(dim(`${host} process ${pid}${url === undefined ? '' : `  ${url}`}`))
    for (const [role, report] of Object.entries(roles)) show(output, role, report, { process, host, pid, url })
  }
  return all.every(({ roles }) => readiness(roles).ready)
}

function show(output: Output, role: string, report: RoleReport, where: Readonly<Record<string, string | number | undefined>>): void {
  const colour = report.state === 'ready' ? green : report.state === 'stopped' ? red : yellow
  const values = Object.entries(report.values).map(([name, value]) => `    ${name} ${String(value)}`)
  const fix = report.fix === undefined ? '' : `\n    ${green('fix')} ${report.fix}`
  const problem = report.problem === undefined ? '' : `  ${report.problem}${fix}`
  output.event('role', { ...where, role, ...report }, [`${colour(report.state.padEnd(10))} ${role}${problem}`, ...values].join('\n'))
}
