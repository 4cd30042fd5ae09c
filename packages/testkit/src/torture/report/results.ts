import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { BreakableRule } from '@sheetflow/core/breakage'
import type { BusName, TortureOptions } from '../options.ts'
import type { Tallied } from './tally.ts'

/** How a run came out. */
export interface TortureOutcome {
  readonly passed: boolean
  readonly seconds: number
  /** Of what Sheetflow consisted. */
  readonly ring: string
  /** With a rule switched off: seconds until that was found; null: it was not, or none was. */
  readonly foundAfterSeconds: number | null
  readonly counts: Tallied
}

/** A run, as it stands in `torture.jsonl`. */
export interface TortureLine extends TortureOutcome {
  readonly at: string
  /** As `git describe --always --dirty` says. */
  readonly commit: string
  readonly bus: BusName
  readonly seed: number
  readonly minutes: number
  readonly broken: BreakableRule | null
}

/** The lines of all runs, one JSON object each, in a file that is added to, and beside it the summary of those with this commit. A run that was interrupted is not in it. */
export class TortureResults {
  readonly #folder: string
  readonly #commit: string
  readonly #lines: TortureLine[]
  /** The last line was cut off by the end of whoever wrote it. */
  #isTorn = false

  constructor(folder: string, commit: string) {
    this.#folder = folder
    this.#commit = commit
    this.#lines = this.#read()
  }

  /** Did the same run pass with this commit? With files that are not committed nobody knows. */
  hasPassed({ bus, seed, minutes, broken }: Pick<TortureOptions, 'bus' | 'seed' | 'minutes' | 'broken'>): boolean {
    if (this.#commit.endsWith('-dirty')) return false
    return this.#lines.some(
      (line) =>
        line.passed &&
        line.commit === this.#commit &&
        line.bus === bus &&
        line.seed === seed &&
        line.minutes >= minutes &&
        line.broken === broken,
    )
  }

  add({ bus, seed, minutes, broken }: TortureOptions, outcome: TortureOutcome): void {
    const line: TortureLine = { at: new Date().toISOString(), commit: this.#commit, bus, seed, minutes, broken, ...outcome }
    this.#lines.push(line)
    mkdirSync(this.#folder, { recursive: true })
    appendFileSync(this.#file('torture.jsonl'), `${this.#isTorn ? '\n' : ''}${JSON.stringify(line)}\n`)
    this.#isTorn = false
    writeFileSync(this.#file('torture.json'), `${JSON.stringify(this.#summary(), null, 1)}\n`)
  }

  #summary(): object {
    const lines = this.#lines.filter(({ commit }) => commit === this.#commit)
    const whole = lines.filter(({ broken }) => broken === null)
    const rules = lines.filter(({ broken }) => broken !== null)
    const buses = Map.groupBy(whole, ({ bus }) => bus)
    return {
      commit: this.#commit,
      buses: Object.fromEntries(
        [...buses].map(([bus, all]) => [
          bus,
          {
            runs: all.length,
            minutes: all.reduce((sum, { minutes }) => sum + minutes, 0),
            failedSeeds: all.filter(({ passed }) => !passed).map(({ seed }) => seed),
          },
        ]),
      ),
      rules: rules.map(({ bus, broken, seed, foundAfterSeconds }) => ({ bus, broken, seed, foundAfterSeconds })),
    }
  }

  #read(): TortureLine[] {
    const file = this.#file('torture.jsonl')
    if (!existsSync(file)) return []
    const text = readFileSync(file, 'utf8')
    this.#isTorn = text !== '' && !text.endsWith('\n')
    return text.split('\n').flatMap((line) => {
      try {
        return [JSON.parse(line) as TortureLine]
      } catch {
        // Empty, or cut off.
        return []
      }
    })
  }

  #file(name: string): string {
    return path.join(this.#folder, name)
  }
}
