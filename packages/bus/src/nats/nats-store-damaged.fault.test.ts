/**
 * A file of a NATS server's store is damaged while the server is down: a bit is flipped anywhere, it is cut off anywhere (F28). Expected: the right data, a shorter stream, or a coded error; a server that does not
 * start, or does not answer for that stream; never wrong data.
 */
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import { arbitraryShare } from '@sheetflow/testkit/arbitrary'
import { range, readAll, testMessage } from '@sheetflow/testkit/kits/bus-lab'
import { natsServer, natsServers, type NatsBinary } from '@sheetflow/testkit/nats/binaries'
import { startNats } from '@sheetflow/testkit/nats/server'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openNatsBus } from './nats-bus.ts'
import { wireSubject } from './subjects.ts'

const RUNS = runs(6, 250)
const STREAM = 'SF_SRC_shop'
const SUBJECTS = ['s._schema.p.t', 's._ctl', 's.p.t', 's.p.u', 's._commit']
const MESSAGES = 3_000
const TEST_MS = 3_000_000

/** All that may come of damage. */
const ALLOWED = ['right', 'shorter', 'no server', 'bus/full', 'bus/corrupt', 'bus/unavailable', 'bus/unknown-stream', 'bus/gone']

/** In `npm test` the newest; what else there is in the full suite. */
const SERVERS = runs(0, 1) === 1 ? await natsServers() : [await natsServer()]

/** Where a server keeps the first messages of the stream, and how one of them is called there. */
const FIRST_BLOCK = `store/jetstream/$G/streams/${STREAM}/msgs/1.blk`
const SUBJECT = wireSubject(STREAM, 's._ctl')
/** Bits of a record that say where headers end, as distance from its subject: whether there are any, before it, and how long they are, behind it. */
const HEADER_BITS: readonly (readonly [byte: number, bit: number])[] = [
  [-19, 7],
  ...range(0, 15).map((n) => [SUBJECT.length + (n >> 3), n & 7] as const),
]

const place = fc.record({ stopped: fc.boolean(), file: arbitraryShare(), at: arbitraryShare(), bit: fc.nat(7) })

describe.for(SERVERS)('the store of NATS $version', (binary) => {
  let lab: Lab
  beforeAll(async () => {
    lab = await Lab.open(binary)
  })
  afterAll(() => lab[Symbol.dispose]())

  it(
    'with a flipped bit anywhere: a coded error or the right data, never wrong data',
    async () => {
      await fc.assert(
        fc.asyncProperty(place, async ({ stopped, file, at, bit }) => {
          const outcome = await lab.afterDamage(stopped, file, (path) => {
            const bytes = readFileSync(path)
            const index = Math.floor(at * bytes.byteLength)
            bytes[index] = bytes[index]! ^ (1 << bit)
            writeFileSync(path, bytes)
          })
          expect(ALLOWED).toContain(outcome)
        }),
        { numRuns: RUNS, endOnFailure: true },
      )
    },
    TEST_MS,
  )

  it(
    'where the headers of a message end, which no checksum of the server covers: a coded error, never wrong data',
    async () => {
      const outcomes: string[] = []
      for (const [byte, bit] of HEADER_BITS) {
        const outcome = await lab.afterDamage(true, FIRST_BLOCK, (path) => {
          const bytes = readFileSync(path)
          const index = bytes.lastIndexOf(SUBJECT) + byte
          bytes[index] = bytes[index]! ^ (1 << bit)
          writeFileSync(path, bytes)
        })
        outcomes.push(outcome)
      }
      expect(outcomes).toContain('bus/corrupt')
      expect(ALLOWED).toEqual(expect.arrayContaining(outcomes))
    },
    TEST_MS,
  )

  it('in its last message, which the server counts until it is looked for: nobody waits for it for ever', async () => {
    const damage = (path: string): void => {
      const bytes = readFileSync(path)
      bytes[bytes.byteLength - 50]! ^= 4
      writeFileSync(path, bytes)
    }
    expect(['bus/corrupt', 'shorter']).toContain(await lab.afterDamage(true, FIRST_BLOCK, damage))
    const lasts = await lab.afterDamage(true, FIRST_BLOCK, damage, async (bus) => {
      return (await bus.last(STREAM, '>')).map(({ offset }) => offset).join()
    })
    expect(['2996,2997,2998,2999', '2995,2996,2997,2998,2999', 'bus/corrupt', 'bus/unavailable']).toContain(lasts)
  })

  it(
    'cut off anywhere: a coded error or a shorter stream',
    async () => {
      await fc.assert(
        fc.asyncProperty(place, async ({ stopped, file, at }) => {
          const outcome = await lab.afterDamage(stopped, file, (path) => truncateSync(path, Math.floor(at * statSync(path).size)))
          expect(ALLOWED).toContain(outcome)
        }),
        { numRuns: RUNS, endOnFailure: true },
      )
    },
    TEST_MS,
  )
})

/** The stores of a server that was killed, and of one that was asked to end: that one has an index of its own. */
class Lab implements Disposable {
  readonly #binary: NatsBinary
  readonly #root: string
  readonly #original: readonly StoredMessage[]
  readonly #outcomes = new Map<string, number>()

  private constructor(binary: NatsBinary, root: string, original: readonly StoredMessage[]) {
    this.#binary = binary
    this.#root = root
    this.#original = original
  }

  static async open(binary: NatsBinary): Promise<Lab> {
    const root = mkdtempSync(join(tmpdir(), 'sheetflow-damage-'))
    const dir = join(root, 'server')
    mkdirSync(dir)
    await using server = await startNats({ binary, dir })
    const original = await written(server.url)
    await server.kill9()
    copyStore(dir, join(root, 'killed'))
    await server.start()
    await server.stop()
    copyStore(dir, join(root, 'stopped'))
    return new Lab(binary, root, original)
  }

  /** Damages one file of a copy, named or chosen, and looks at what a server makes of it: what `look` says, or the code of what it throws. */
  async afterDamage(stopped: boolean, choice: number | string, damage: (path: string) => void, look = this.#readsAll): Promise<string> {
    const dir = mkdtempSync(join(this.#root, 'copy-'))
    try {
      copyStore(join(this.#root, stopped ? 'stopped' : 'killed'), dir)
      damage(typeof choice === 'string' ? join(dir, choice) : chosen(dir, choice))
      const outcome = await this.#lookAt(dir, look)
      this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1)
      return outcome
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }

  [Symbol.dispose](): void {
    console.log(`NATS ${this.#binary.version}: ${JSON.stringify(Object.fromEntries(this.#outcomes))}`)
    rmSync(this.#root, { recursive: true, force: true })
  }

  async #lookAt(dir: string, look: (bus: Bus) => Promise<string>): Promise<string> {
    const server = await startNats({ binary: this.#binary, dir }).catch(() => null)
    if (server === null) return 'no server'
    await using _server = server
    try {
      await using bus = await openNatsBus({ servers: [server.url], patienceMs: 2_000 })
      return await look(bus)
    } catch (error) {
      return isSheetflowError(error) ? error.code : String(error)
    }
  }

  /** Whatever can be read stands in the original at the same offset. */
  readonly #readsAll = async (bus: Bus): Promise<string> => {
    const { first, last } = await bus.range(STREAM)
    const all = await readAll(bus, STREAM, first)
    const lasts = await bus.last(STREAM, '>')
    const whole = all.length === last - first + 1 && last <= MESSAGES
    if (whole && [...all, ...lasts].every((message) => this.#isOriginal(message))) return all.length === MESSAGES ? 'right' : 'shorter'
    return `wrong: ${JSON.stringify({ first, last, read: all.length })}`
  }

  #isOriginal(message: StoredMessage): boolean {
    const { id, subject, storedAt, body } = this.#original[message.offset - 1]!
    return message.id === id && message.subject === subject && message.storedAt === storedAt && Buffer.compare(message.body, body) === 0
  }
}

/** Fills a stream, and gives what stands in it. */
async function written(url: string): Promise<readonly StoredMessage[]> {
  await using bus = await openNatsBus({ servers: [url] })
  await bus.ensure(STREAM)
  for (let first = 1; first < MESSAGES; first += 1_000) {
    const messages = range(first, first + 999).map((n) => testMessage(SUBJECTS[n % 5]!, `m-${n}`, 150))
    await bus.append(STREAM, messages, { expectedLast: first - 1 })
  }
  return await readAll(bus, STREAM)
}

function copyStore(from: string, to: string): void {
  cpSync(join(from, 'store'), join(to, 'store'), { recursive: true })
}

/** A file, by its share of all bytes half of the time and by its number else. */
function chosen(dir: string, choice: number): string {
  const paths = globSync('store/**/*', { cwd: dir })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size > 0)
    .toSorted((a, b) => a.localeCompare(b))
  if (choice < 0.5) return paths[Math.floor(choice * 2 * paths.length)]!
  const sizes = paths.map((path) => statSync(path).size)
  let left = (choice - 0.5) * 2 * sizes.reduce((sum, size) => sum + size, 0)
  return paths[sizes.findIndex((size) => (left -= size) < 0)]!
}
