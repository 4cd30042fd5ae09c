import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../../random.ts'
import { SOURCES } from '../../world/shape.ts'
import type { Kill } from '../ring.ts'
import { LED_ROLES } from './layout.ts'
import { REACHED } from './machines.ts'
import type { Machines } from './machines.ts'
import type { Member } from './member.ts'

/** What of a ring can be broken, and how that is mended. */
export interface Breakable {
  readonly machines: Machines
  readonly members: readonly Member[]
  /** A file here of a stream's name stops whoever appends to that stream next. */
  readonly stopFolder: string
  /** The process that holds the lease of the role and lives; null: nobody does, or nobody can say. */
  leader(role: string): Promise<Member | null>
  /** Starts whatever does not run. */
  start(): void
  /** Does something after a while; who waits until all is settled waits for it. */
  later(ms: number, mend: () => void): void
  /** Lets a stopped process go on after a while. */
  wakeLater(member: Member, ms: number): void
  /** Will it be woken? */
  isAsleep(member: Member): boolean
  /** Notes what no run may have. */
  found(what: string): void
}

/** A killed process is started again at once, or when another one has taken over. */
const RESTART_MS = 8_000
/** A process that is stopped: less than the silence of a lease, or much longer. */
const STOPPED_MS = [1_000, 12_000] as const
/** So long an append is waited for that stops its process. */
const APPEND_MS = 10_000
const POLL_MS = 20
/** Share of the connections that are cut. */
const CUT_SHARE = 0.5

/** Every way of breaking a ring of processes. What is broken is asked first: nothing counts that did not happen. */
export function killsOf(ring: Breakable): readonly Kill[] {
  const anyRole = (random: Random): string => random.pick(LED_ROLES).role
  return [
    { weight: 8, play: (random) => everything(ring, random) },
    { weight: 24, play: (random) => leader(ring, anyRole(random), random) },
    { weight: 8, play: (random) => anyProcess(ring, random) },
    { weight: 12, play: (random) => thread(ring, random.pick([...LED_ROLES.map(({ role }) => role), 'serve']), random) },
    { weight: 12, play: (random) => stopped(ring, anyRole(random), random) },
    { weight: 8, play: (random) => stoppedBeforeAppend(ring, random) },
    { weight: 4, play: (random) => stopped(ring, 'serve', random) },
    { weight: 6, play: (random) => drained(ring, random) },
    { weight: 8, play: (random) => nats(ring, random) },
    { weight: 3, play: (random) => natsStopped(ring, random) },
    { weight: 7, play: (random) => postgres(ring, random) },
    { weight: 5, play: () => views(ring) },
    { weight: 10, play: (random) => cut(ring, random) },
  ]
}

async function everything(ring: Breakable, random: Random): Promise<string> {
  await Promise.all(ring.members.map(({ process: one }) => one.kill()))
  await pause(random.below(500))
  ring.start()
  return 'all processes'
}

async function leader(ring: Breakable, role: string, random: Random): Promise<string | null> {
  const member = await ring.leader(role)
  if (member === null) return null
  await killed(ring, member, random)
  return `leader of ${role}`
}

async function anyProcess(ring: Breakable, random: Random): Promise<string | null> {
  const member = random.pick(ring.members)
  if (!member.process.isAlive) return null
  await killed(ring, member, random)
  return `process ${member.roles}`
}

async function killed(ring: Breakable, member: Member, random: Random): Promise<void> {
  await member.process.kill()
  ring.later(random.below(RESTART_MS), () => {
    if (!member.process.isAlive) member.process.start()
  })
}

/** The thread of a role dies, its process lives on. */
async function thread(ring: Breakable, role: string, random: Random): Promise<string | null> {
  const member = await whoDoes(ring, role, random)
  if (member === null) return null
  member.process.killRole(role)
  return `thread ${role}`
}

async function stopped(ring: Breakable, role: string, random: Random): Promise<string | null> {
  const member = await whoDoes(ring, role, random)
  if (member === null || member.isStopped) return null
  member.process.signal('SIGSTOP')
  return (await goesOnLater(ring, member, random)) ? `${role} stopped` : null
}

/** Whoever writes a stream is stopped between its last look at anything and its append; another one takes over; it wakes. */
async function stoppedBeforeAppend(ring: Breakable, random: Random): Promise<string | null> {
  const { role, stream } = random.pick(LED_ROLES.filter((one) => one.stream !== null))
  const request = path.join(ring.stopFolder, stream ?? '')
  writeFileSync(request, '')
  const member = await stoppedByItself(ring, role)
  // Who removes the file first has decided: the process stops itself, or it is not asked any more.
  if (member === null && isRemoved(request)) return null
  const late = member ?? (await stoppedByItself(ring, role))
  return late !== null && (await goesOnLater(ring, late, random)) ? `${role} stopped before an append` : null
}

async function stoppedByItself(ring: Breakable, role: string): Promise<Member | null> {
  for (const end = Date.now() + APPEND_MS; Date.now() < end; await pause(POLL_MS)) {
    const member = ring.members.find((one) => one.does(role) && one.isStopped && !ring.isAsleep(one))
    if (member !== undefined) return member
  }
  return null
}

function isRemoved(file: string): boolean {
  try {
    rmSync(file)
    return true
  } catch {
    return false
  }
}

async function goesOnLater(ring: Breakable, member: Member, random: Random): Promise<boolean> {
  for (const end = Date.now() + APPEND_MS; Date.now() < end && member.process.isAlive && !member.isStopped;) await pause(POLL_MS)
  if (!member.isStopped) return false
  ring.wakeLater(member, random.between(...STOPPED_MS))
  return true
}

/** As a service manager ends one, with its clients sent elsewhere; it has to end with 0. */
async function drained(ring: Breakable, random: Random): Promise<string | null> {
  const member = random.pick(ring.members)
  if (!member.process.isReady || member.isStopped) return null
  const code = await member.process.stop('SIGTERM')
  if (code !== 0) ring.found(`${member.name} was told to end by SIGTERM and ended with ${code}`)
  ring.later(random.below(RESTART_MS), () => {
    if (!member.process.isAlive) member.process.start()
  })
  return `told to end: ${member.roles}`
}

async function nats({ machines }: Breakable, random: Random): Promise<string> {
  await machines.nats.kill9()
  await pause(random.below(4_000))
  await machines.nats.start()
  return 'nats'
}

async function natsStopped({ machines }: Breakable, random: Random): Promise<string> {
  machines.nats.signal('SIGSTOP')
  try {
    await pause(random.between(...STOPPED_MS))
  } finally {
    machines.nats.signal('SIGCONT')
  }
  return 'nats stopped'
}

async function postgres({ machines }: Breakable, random: Random): Promise<string> {
  const source = random.pick(SOURCES)
  await machines.databases[source].crash()
  return `postgres of ${source}`
}

async function views({ machines }: Breakable): Promise<string> {
  await machines.views.crash()
  return 'postgres of the views'
}

function cut({ machines }: Breakable, random: Random): Promise<string | null> {
  const reached = random.pick(REACHED)
  const count = machines.proxies[reached].cut(CUT_SHARE, random.next)
  return Promise.resolve(count === 0 ? null : `connections to ${reached}`)
}

/** The leader of the role, or any process that serves. */
async function whoDoes(ring: Breakable, role: string, random: Random): Promise<Member | null> {
  if (role !== 'serve') return await ring.leader(role)
  const serving = ring.members.filter((member) => member.does(role) && member.process.isReady)
  return serving.length === 0 ? null : random.pick(serving)
}
