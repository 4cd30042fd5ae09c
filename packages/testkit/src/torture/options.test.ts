import { expect, test } from 'vitest'
import { parseOptions } from './options.ts'

test('a run is of one minute over SQLite with a seed of the day', () => {
  const request = parseOptions([])
  expect(request).toMatchObject({ runs: [{ bus: 'sqlite', minutes: 1, broken: null, keep: false }], again: true })
})

test('the bus, the time and the seed are taken as they are said', () => {
  expect(parseOptions(['--bus', 'nats', '--minutes', '0.5', '--seed', '7'])).toEqual({
    runs: [{ bus: 'nats', minutes: 0.5, seed: 7, broken: null, keep: false }],
    again: true,
  })
})

test('a rule that is switched off has five minutes to be found', () => {
  expect(parseOptions(['--break', 'gate', '--seed', '3'])).toMatchObject({ runs: [{ minutes: 5, broken: 'gate' }] })
})

test('several seeds follow each other, and those that passed are not run again unless that is said', () => {
  const request = parseOptions(['--seeds', '3', '--bus', 'nats'])
  expect(request).toMatchObject({ runs: [{ seed: 1 }, { seed: 2 }, { seed: 3 }], again: false })
  expect(parseOptions(['--seeds', '2', '--seed', '9', '--again'])).toMatchObject({ runs: [{ seed: 9 }, { seed: 10 }], again: true })
})

test.each([
  ['--bus', 'kafka'],
  ['--minutes', '0'],
  ['--seed', 'x'],
  ['--seeds', '0'],
  ['--seeds', '1.5'],
  ['--break', 'nothing'],
  ['--often'],
])('%s %s is answered with what there is', (...args) => {
  expect(parseOptions(args.filter((one) => one !== undefined))).toContain('npm run torture -- [--bus sqlite|nats]')
})
