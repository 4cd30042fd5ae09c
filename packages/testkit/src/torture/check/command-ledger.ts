import type { CommandEvent } from '@sheetflow/client/commands/commands'
import type { SourceName } from '../world/shape.ts'
import { Session } from '../write/session.ts'
import type { Findings } from './findings.ts'

/** What a client says of itself: that it is sending, and that it does not know how it ended. */
const OWN: ReadonlySet<CommandEvent['status']> = new Set(['sending', 'unknown'])

/** What the swarm knows of its commands: which were accepted, and how each ended as far as its client stayed to see. */
export class CommandLedger {
  readonly #statuses = new Map<string, Set<CommandEvent['status']>>()
  readonly #findings: Findings

  constructor(findings: Findings) {
    this.#findings = findings
  }

  note({ id, status }: Pick<CommandEvent, 'id' | 'status'>): void {
    const known = this.#statuses.get(id)
    if (known === undefined) this.#statuses.set(id, new Set([status]))
    else known.add(status)
  }

  get sent(): number {
    return this.#statuses.size
  }

  get accepted(): readonly string[] {
    return [...this.#statuses].filter(([, statuses]) => [...statuses].some((status) => !OWN.has(status))).map(([id]) => id)
  }

  get applied(): number {
    return [...this.#statuses.values()].filter((statuses) => statuses.has('applied')).length
  }

  /** Those that were accepted and have not come to an end by the outcomes that the source has kept. */
  open(outcomes: ReadonlyMap<string, string>): readonly string[] {
    return this.accepted.filter((id) => !outcomes.has(id) && !isRefused(this.#statuses.get(id)))
  }

  /** At the end, when nothing is under way any more: each command has the effects that its outcome says. */
  async check(url: string, source: SourceName): Promise<void> {
    await using session = await Session.connect(url)
    const effects = new Map<string, number>()
    for (const { command, n } of await session.rows<{ command: string; n: string }>(
      'select command, count(*) as n from effects group by command',
    )) {
      effects.set(command, Number(n))
    }
    const outcomes = await outcomesOf(session)
    for (const id of this.accepted) this.#checkOne(id, effects.get(id) ?? 0, outcomes.get(id), source)
    for (const [id, n] of effects) if (n !== 1) this.#findings.found('a command has one effect', `${source} ${id} has ${n}`)
  }

  #checkOne(id: string, effects: number, outcome: string | undefined, source: string): void {
    const statuses = this.#statuses.get(id) ?? new Set()
    const refused = isRefused(statuses)
    const isDone = outcome === 'done' || statuses.has('applied')
    const expected = isDone ? 1 : 0
    if (effects !== expected)
      this.#findings.found(
        'a command has one effect',
        `${source} ${id} (${[...statuses].join(' ')}; ${outcome ?? 'no outcome'}) has ${effects}`,
      )
    if (refused && isDone)
      this.#findings.found('a refused command has no effect', `${source} ${id} (${[...statuses].join(' ')}; ${String(outcome)})`)
    if (outcome === undefined && !refused)
      this.#findings.found('an accepted command ends', `${source} ${id} (${[...statuses].join(' ')}) has no outcome`)
  }
}

/** How each command ended, by the source's own table. */
export async function outcomesOf(session: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await session.rows<{ id: string; status: string }>('select id, status from sheetflow.commands')
  return new Map(rows.map(({ id, status }) => [id, status]))
}

function isRefused(statuses: ReadonlySet<CommandEvent['status']> | undefined): boolean {
  return statuses !== undefined && (statuses.has('rejected') || statuses.has('expired') || statuses.has('failed'))
}
