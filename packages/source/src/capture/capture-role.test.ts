import { SheetflowError } from '@sheetflow/core/errors'
import type { Source } from '@sheetflow/core/ports/source'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { expect, test } from 'vitest'
import { CaptureRole } from './capture-role.ts'

/** The pauses of a role whose source is away, until it has failed so often, by a clock that stands still. */
async function pausesOf(random: () => number, failures: number): Promise<readonly number[]> {
  const stop = new AbortController()
  const pauses: number[] = []
  const sleep = (ms: number): Promise<void> => {
    pauses.push(ms)
    if (pauses.length === failures) stop.abort()
    return Promise.resolve()
  }
  const source: Partial<Source> = {
    follow: () => {
      throw new SheetflowError('source/unreachable', 'nobody answers', { retry: 'later' })
    },
    metrics: () => ({}),
  }
  const clock = { now: () => 1_795_420_800_000, sleep }
  await new CaptureRole({ name: 'shop', source: source as Source, bus: new MemoryBus(), clock, random }).run(stop.signal)
  return pauses
}

test('roles whose sources are lost at one moment do not come back at one moment', async () => {
  expect(await pausesOf(() => 0, 3)).toEqual([100, 200, 400])
  expect(await pausesOf(() => 0.5, 3)).toEqual([150, 300, 600])
})
