import type { Readiness } from '../../ops/health.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { fetchServer, SERVER_OPTIONS, serverUrl } from '../server.ts'
import { green, red, yellow } from '../output.ts'

/** `sheetflow status`: who does what, and how far each is. */
export const status: CliCommand = {
  name: 'status',
  summary: 'show the roles of a running Sheetflow, their lag and positions',
  usage: 'status [--url URL | --port N]',
  options: SERVER_OPTIONS,
  async run({ options }, output) {
    const response = await fetchServer(`${await serverUrl(options)}/readyz`)
    const body = (await response.json()) as Readiness
    for (const [role, report] of Object.entries(body.roles)) {
      const colour = report.state === 'ready' ? green : report.state === 'stopped' ? red : yellow
      const values = Object.entries(report.values).map(([name, value]) => `    ${name} ${String(value)}`)
      const problem = report.problem === undefined ? '' : `  ${report.problem}`
      output.event('role', { role, ...report }, [`${colour(report.state.padEnd(10))} ${role}${problem}`, ...values].join('\n'))
    }
    return body.ready ? EXIT.ok : EXIT.unreachable
  },
}
