import { graphStream, sourceStream } from '@sheetflow/core/subject'
import type { Random } from '../../../random.ts'
import { SOURCES } from '../../world/shape.ts'
import { GRAPH, STORE } from '../project.ts'

/** Which processes there are: what each is given as `--roles`. Every role has two that could do it. */
export interface Layout {
  readonly name: string
  readonly processes: readonly string[]
}

const twice = (...roles: readonly string[]): readonly string[] => roles.flatMap((one) => [one, one])

export const LAYOUTS: readonly Layout[] = [
  { name: 'a process for each role', processes: twice('capture', 'graph', 'store', 'serve') },
  { name: 'capture with graph, store with serve', processes: twice('capture,graph', 'store,serve') },
  { name: 'all but serve together', processes: twice('capture,graph,store', 'serve') },
]

/** A role that one process at a time does, and the stream that it alone writes; null: it writes none. */
export interface LedRole {
  readonly role: string
  readonly stream: string | null
}

export const LED_ROLES: readonly LedRole[] = [
  ...SOURCES.map((source) => ({ role: `capture:${source}`, stream: sourceStream(source) })),
  { role: `graph:${GRAPH}`, stream: graphStream(GRAPH) },
  { role: `store:${STORE}`, stream: null },
]

/** Does a process with these `--roles` do the role, or stand by for it? `capture:east` is one of the kind `capture`. */
export function mayDo(roles: string, role: string): boolean {
  return roles.split(',').includes(role.split(':')[0] ?? '')
}

/** What differs from seed to seed. */
export interface Setting {
  readonly layout: Layout
  /** `always`: the source is confirmed at once; seconds: with that lag. */
  readonly syncInterval: 'always' | number
}

/** Draws how this run is set up. */
export function drawSetting(random: Random): Setting {
  return { layout: random.pick(LAYOUTS), syncInterval: random.pick(['always', 1] as const) }
}
