import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TortureOptions } from '../options.ts'
import { TortureResults, type TortureOutcome } from './results.ts'

const SOURCE = { produced: 9, acknowledged: 9, ghosts: 1, givenUp: 0, inBus: 9, twice: 0, outOfOrder: 0, commitsChecked: 9 }
const OUTCOME: TortureOutcome = {
  passed: true,
  seconds: 80,
  ring: 'processes over NATS',
  foundAfterSeconds: null,
  counts: {
    sources: { east: SOURCE, west: SOURCE },
    kills: { nats: 2 },
    scenes: { T1: 1 },
    starts: 9,
    cut: 3,
    commands: { sent: 4, accepted: 4, applied: 3 },
    frames: { checked: 12, pages: 2, excused: {} },
    findings: [],
  },
}
const RUN: TortureOptions = { bus: 'nats', minutes: 3, seed: 7, broken: null, keep: false }

let folder: string

beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'torture-results-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function lines(): readonly string[] {
  return readFileSync(path.join(folder, 'torture.jsonl'), 'utf8').trim().split('\n')
}

test('a run that passed is known by its seed, bus, time, rule and commit, and by whoever reads the file later', () => {
  new TortureResults(folder, 'abc').add(RUN, OUTCOME)
  const later = new TortureResults(folder, 'abc')
  expect(later.hasPassed(RUN)).toBe(true)
  expect(later.hasPassed({ ...RUN, minutes: 2 })).toBe(true)
  for (const other of [{ minutes: 4 }, { seed: 8 }, { bus: 'sqlite' }, { broken: 'gate' }] as const) {
    expect(later.hasPassed({ ...RUN, ...other })).toBe(false)
  }
  expect(new TortureResults(folder, 'abd').hasPassed(RUN)).toBe(false)
})

test('what failed, or ran with files that are not committed, has not passed', () => {
  const results = new TortureResults(folder, 'abc')
  results.add(RUN, { ...OUTCOME, passed: false })
  expect(results.hasPassed(RUN)).toBe(false)
  const dirty = new TortureResults(folder, 'abc-dirty')
  dirty.add(RUN, OUTCOME)
  expect(dirty.hasPassed(RUN)).toBe(false)
})

test('a line that was cut off is none, and the next one stands on a line of its own', () => {
  new TortureResults(folder, 'abc').add(RUN, OUTCOME)
  appendFileSync(path.join(folder, 'torture.jsonl'), '{"commit":"abc","se')
  const results = new TortureResults(folder, 'abc')
  expect(results.hasPassed(RUN)).toBe(true)
  results.add({ ...RUN, seed: 8 }, OUTCOME)
  expect(lines().length).toBe(3)
  expect(new TortureResults(folder, 'abc').hasPassed({ ...RUN, seed: 8 })).toBe(true)
})

test('the summary is of this commit alone', () => {
  new TortureResults(folder, 'old').add(RUN, OUTCOME)
  const results = new TortureResults(folder, 'abc')
  results.add(RUN, OUTCOME)
  results.add({ ...RUN, seed: 8 }, { ...OUTCOME, passed: false })
  results.add({ ...RUN, broken: 'gate' }, { ...OUTCOME, foundAfterSeconds: 12 })
  expect(JSON.parse(readFileSync(path.join(folder, 'torture.json'), 'utf8'))).toEqual({
    commit: 'abc',
    buses: { nats: { runs: 2, minutes: 6, failedSeeds: [8] } },
    rules: [{ bus: 'nats', broken: 'gate', seed: 7, foundAfterSeconds: 12 }],
  })
})
