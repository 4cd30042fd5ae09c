import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Output } from '../cli/output.ts'
import { TerminalJournal } from './journal.ts'

let said: string[]
let journal: TerminalJournal

beforeEach(() => {
  vi.useFakeTimers()
  said = []
  const output = new Output({ json: false, verbose: false })
  vi.spyOn(output, 'note').mockImplementation((text) => void said.push(text))
  journal = new TerminalJournal(output)
})

afterEach(() => {
  journal[Symbol.dispose]()
  vi.useRealTimers()
})

test('a deployment whose tables come a moment later is not worth a word; one that stays without is, in lines', () => {
  journal.log('graph:main', 'warn', 'graph/deploy', { problems: ['a.yaml:1:1 error\n1 | x'] })
  journal.log('graph:main', 'info', 'graph/deployed', {})
  vi.advanceTimersByTime(5000)
  expect(said).toEqual([])
  journal.log('graph:main', 'warn', 'graph/deploy', { problems: ['a.yaml:1:1 error\n1 | x', 'b.yaml'] })
  vi.advanceTimersByTime(5000)
  expect(said.join('\n')).toContain('graph:main: this deployment does not run:\na.yaml:1:1 error\n1 | x\n\nb.yaml')
})

test('a source that is away for a blink is not mentioned; one that stays away is, and that it is back', () => {
  const away = { status: 'reconnecting', message: 'Postgres: gone', fix: 'Start it.' }
  journal.log('capture:shop', 'warn', 'source.status', away)
  journal.log('capture:shop', 'info', 'source.status', { status: 'following' })
  vi.advanceTimersByTime(5000)
  expect(said).toEqual([])
  journal.log('capture:shop', 'warn', 'source.status', away)
  vi.advanceTimersByTime(5000)
  journal.log('capture:shop', 'warn', 'source.status', away)
  vi.advanceTimersByTime(5000)
  journal.log('capture:shop', 'info', 'source.status', { status: 'following' })
  expect(said).toHaveLength(2)
  expect(said[0]).toContain('Postgres: gone')
  expect(said[0]).toContain('Start it.')
  expect(said[1]).toContain('capture:shop follows again')
})
